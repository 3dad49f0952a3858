// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/kernel_interface.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tandem {

namespace {

struct Offload {
  std::string_view name;
  std::uint32_t get, set;
};

// In the order in which they go: without transmit checksums the kernel takes TSO away by itself.
constexpr std::array<Offload, 5> kOffloads{{{"tx checksum", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM},
                                            {"TSO", ETHTOOL_GTSO, ETHTOOL_STSO},
                                            {"GSO", ETHTOOL_GGSO, ETHTOOL_SGSO},
                                            {"GRO", ETHTOOL_GGRO, ETHTOOL_SGRO},
                                            {"LRO", ETHTOOL_GFLAGS, ETHTOOL_SFLAGS}}};

ifreq request_for(const std::string& name) {
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), std::min(name.size(), std::size_t{IFNAMSIZ - 1}));
  return request;
}

std::string why(std::string_view what) { return std::string{what} + ": " + std::strerror(errno); }

template <typename Command>
bool ethtool(int socket, const std::string& name, Command& command) {
  ifreq request = request_for(name);
  request.ifr_data = reinterpret_cast<char*>(&command);
  return ioctl(socket, SIOCETHTOOL, &request) == 0;
}

// Mbit/s. The legacy command truncates nothing that matters here and needs no variable-length answer.
std::uint64_t speed_mbits(int socket, const std::string& name) {
  ethtool_cmd command{};
  command.cmd = ETHTOOL_GSET;
  if (!ethtool(socket, name, command)) return 0;
  const std::uint32_t speed = ethtool_cmd_speed(&command);
  return speed == static_cast<std::uint32_t>(SPEED_UNKNOWN) ? 0 : speed;
}

}  // namespace

Result<KernelInterface> KernelInterface::open(const std::string& name) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return fail(why("no socket to ask about interfaces"));
  const unsigned number = if_nametoindex(name.c_str());
  if (number == 0) {
    close(socket);
    return fail("no such interface");
  }
  return KernelInterface{name, socket, number};
}

KernelInterface::KernelInterface(KernelInterface&& other) noexcept
    : name_{std::move(other.name_)},
      socket_{std::exchange(other.socket_, -1)},
      number_{other.number_},
      changed_{std::exchange(other.changed_, {})} {}

KernelInterface& KernelInterface::operator=(KernelInterface&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(socket_, other.socket_);
  std::swap(number_, other.number_);
  std::swap(changed_, other.changed_);
  return *this;
}

KernelInterface::~KernelInterface() {
  if (socket_ >= 0) close(socket_);
}

LinkState KernelInterface::link() const {
  ifreq request = request_for(name_);
  if (ioctl(socket_, SIOCGIFFLAGS, &request) != 0) return {};
  constexpr int kUsable = IFF_UP | IFF_RUNNING;  // RUNNING: carrier is there
  if ((request.ifr_flags & kUsable) != kUsable) return {};
  return {true, speed_mbits(socket_, name_) * 1'000'000 / 8};
}

Result<MacAddress> KernelInterface::mac() const {
  ifreq request = request_for(name_);
  if (ioctl(socket_, SIOCGIFHWADDR, &request) != 0) return fail(why("its MAC cannot be read"));
  MacAddress mac;
  std::memcpy(mac.bytes.data(), request.ifr_hwaddr.sa_data, mac.bytes.size());
  return mac;
}

Result<std::uint16_t> KernelInterface::mtu_bytes() const {
  ifreq request = request_for(name_);
  if (ioctl(socket_, SIOCGIFMTU, &request) != 0) return fail(why("its MTU cannot be read"));
  return static_cast<std::uint16_t>(std::min(request.ifr_mtu, 65535));
}

Result<> KernelInterface::set_mtu(std::uint16_t mtu_bytes) {
  ifreq request = request_for(name_);
  request.ifr_mtu = mtu_bytes;
  if (ioctl(socket_, SIOCSIFMTU, &request) != 0) return fail(why("MTU " + std::to_string(mtu_bytes) + " is refused"));
  return {};
}

unsigned KernelInterface::combined_channels() const {
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (!ethtool(socket_, name_, channels)) return 1;
  return std::max(channels.combined_count, 1U);
}

Result<bool> KernelInterface::offload(std::uint32_t get) const {
  ethtool_value value{get, 0};
  if (!ethtool(socket_, name_, value)) {
    if (errno == EOPNOTSUPP) return false;
    return fail(why("its offloads cannot be read"));
  }
  return get == ETHTOOL_GFLAGS ? (value.data & ETH_FLAG_LRO) != 0 : value.data != 0;
}

bool KernelInterface::set_offload(std::uint32_t set, bool on) const {
  ethtool_value value{set, on ? 1U : 0U};
  if (set == ETHTOOL_SFLAGS) {
    ethtool_value flags{ETHTOOL_GFLAGS, 0};
    if (!ethtool(socket_, name_, flags)) return false;
    value.data = on ? flags.data | ETH_FLAG_LRO : flags.data & ~std::uint32_t{ETH_FLAG_LRO};
  }
  return ethtool(socket_, name_, value);
}

Result<std::vector<std::string>> KernelInterface::switch_offloads_off() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kOffloads.size(); ++i) {
    const Result<bool> on = offload(kOffloads[i].get);
    if (!on) return fail(on.error());
    if (!*on) continue;
    set_offload(kOffloads[i].set, false);
    const Result<bool> still = offload(kOffloads[i].get);
    if (!still || *still) return fail(std::string{kOffloads[i].name} + " offload is on and cannot be switched off: ethtool -K " + name_);
    changed_.push_back(i);
    names.emplace_back(kOffloads[i].name);
  }
  return names;
}

void KernelInterface::restore_offloads() {
  for (const std::size_t i : std::exchange(changed_, {})) set_offload(kOffloads[i].set, true);
}

}  // namespace tandem
