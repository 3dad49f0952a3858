// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/tap.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/kernel/netlink.h"

namespace tandem {
namespace {

constexpr std::string_view kPrefix = "tdm-";
constexpr std::size_t kNameMax = IFNAMSIZ - 1;

Error trouble(const std::string& name, const char* what) { return Error{"twin " + name + ": " + what + ": " + std::strerror(errno)}; }

// FNV-1a: tells long port names apart; no stranger chooses them.
std::uint16_t short_hash(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char each : text) hash = (hash ^ static_cast<unsigned char>(each)) * 16777619U;
  return static_cast<std::uint16_t>(hash ^ (hash >> 16));
}

ifinfomsg& put_link(NetlinkRequest& request, int interface_index) {
  auto& header = request.header<ifinfomsg>();
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = interface_index;
  return header;
}

void put_arp_settings(nlmsghdr* message) {
  nlattr* families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
  nlattr* inet = mnl_attr_nest_start(message, AF_INET);
  nlattr* settings = mnl_attr_nest_start(message, IFLA_INET_CONF);
  mnl_attr_put_u32(message, IPV4_DEVCONF_ARP_IGNORE, 1);
  mnl_attr_put_u32(message, IPV4_DEVCONF_ARP_ANNOUNCE, 2);
  mnl_attr_put_u32(message, IPV4_DEVCONF_ARPFILTER, 1);
  mnl_attr_nest_end(message, settings);
  mnl_attr_nest_end(message, inet);
  mnl_attr_nest_end(message, families);
}

Result<> ask(NetlinkRequest& request, const char* what) {
  auto socket = NetlinkSocket::open();
  if (!socket) return fail(socket.error());
  const auto asked = socket->ask(request);
  return asked ? asked : fail(asked.error().within(what));
}

}  // namespace

std::string twin_name(std::string_view port) {
  std::string name = std::string{kPrefix} + std::string{port};
  if (name.size() <= kNameMax) return name;
  std::array<char, 6> mark{};
  std::snprintf(mark.data(), mark.size(), "-%04x", short_hash(port));
  return name.substr(0, kNameMax - 5) + mark.data();
}

Result<Tap> Tap::open(const std::string& name) {
  if (name.empty() || name.size() > kNameMax) return fail("twin '" + name + "': an interface's name has 1 to 15 characters");
  Tap tap{::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  if (tap.fd_ < 0) return fail(trouble(name, "/dev/net/tun"));
  ifreq ask{};
  ask.ifr_flags = IFF_TAP | IFF_NO_PI;
  name.copy(ask.ifr_name, kNameMax);
  if (ioctl(tap.fd_, TUNSETIFF, &ask) != 0) return fail(trouble(name, "cannot be made or opened"));
  if (ioctl(tap.fd_, TUNSETPERSIST, 1) != 0) return fail(trouble(name, "cannot be made persistent"));
  tap.interface_index_ = static_cast<int>(if_nametoindex(name.c_str()));
  if (tap.interface_index_ == 0) return fail(trouble(name, "is gone"));
  return tap;
}

Tap::~Tap() {
  if (fd_ >= 0) close(fd_);
}

Tap::Tap(Tap&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, interface_index_{other.interface_index_} {}

Tap& Tap::operator=(Tap&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(interface_index_, other.interface_index_);
  return *this;
}

Result<> Tap::configure(const MacAddress& mac, std::uint16_t mtu_bytes) {
  NetlinkRequest request{RTM_SETLINK, 0};
  auto& header = put_link(request, interface_index_);
  header.ifi_flags = IFF_UP;
  header.ifi_change = IFF_UP;
  mnl_attr_put(request.message(), IFLA_ADDRESS, mac.bytes.size(), mac.bytes.data());
  mnl_attr_put_u32(request.message(), IFLA_MTU, mtu_bytes);
  put_arp_settings(request.message());
  return ask(request, "twin's MAC and MTU");
}

Result<> Tap::set_carrier(bool on) {
  NetlinkRequest request{RTM_SETLINK, 0};
  put_link(request, interface_index_);
  mnl_attr_put_u8(request.message(), IFLA_CARRIER, on ? 1 : 0);
  return ask(request, "twin's carrier");
}

bool Tap::write(std::span<const std::uint8_t> frame) {
  return ::write(fd_, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size());
}

std::size_t Tap::read(std::span<std::uint8_t> buffer) {
  const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

}  // namespace tandem
