// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/steering.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <bpf/bpf.h>
#include <fcntl.h>
#include <unistd.h>

#include "dataplane/model/lan.h"

namespace tandem {
namespace {

std::string reason() { return std::strerror(errno); }

}  // namespace

SteerAddress steer_key(const IpAddress& address) {
  SteerAddress key{};
  std::memcpy(key.bytes, address.bytes.data(), sizeof key.bytes);
  return key;
}

SteerPrefix steer_key(const Prefix& prefix) {
  SteerPrefix key{};
  key.length = prefix.length + (128U - prefix.address.bits());
  std::memcpy(key.address, prefix.address.bytes.data(), sizeof key.address);
  return key;
}

SteerEndpoint steer_key(const NatBackendEntry& backend) {
  SteerEndpoint key{};
  std::memcpy(key.address, backend.address.bytes.data(), sizeof key.address);
  key.port = Be16{backend.port}.wire;
  key.protocol = static_cast<unsigned char>(backend.protocol);
  return key;
}

SteerEndpoint steer_key_of_later_fragments(const NatBackendEntry& backend) {
  SteerEndpoint key = steer_key(backend);
  key.port = 0;
  key.any_port = 1;
  return key;
}

SteerMac steer_key(const MacAddress& mac) {
  SteerMac key{};
  std::memcpy(key.bytes, mac.bytes.data(), sizeof key.bytes);
  return key;
}

namespace {

void add_own_mac(SteeringView& view, const MacAddress& mac) {
  std::array<std::uint32_t, 2> words{};
  std::memcpy(words.data(), mac.bytes.data(), mac.bytes.size());
  for (std::uint32_t place = 0; place < words.size(); ++place) view.own_mac[place] = words[place];
}

std::uint32_t flags_of(const Generation& generation, GroupId group, const Roles& roles) {
  const bool lets_out = transit_of(generation, group) == Transit::route && roles.is_active(group);
  return lets_out ? STEER_VIRTUAL_MAC | STEER_TRANSIT : STEER_VIRTUAL_MAC;
}

void add_port(SteeringView& view, const Generation& generation, const PortView& port, const Roles& roles) {
  view.node_macs[steer_key(port.mac)] = 0;
  add_own_mac(view, port.mac);
  for (const VirtualMac& each : port.virtual_macs) view.node_macs[steer_key(each.mac)] = flags_of(generation, each.group, roles);
  for (const PeerOnLan& peer : port.peers) view.peers[steer_key(peer.address)] = 0;
}

// One value holds one range: with two of one backend, what lies between them is taken for a reply as well, and dropped by name.
void add_ports(std::uint32_t& value, const PortRange& ports) {
  const std::uint32_t first = value == 0 ? ports.first : std::min<std::uint32_t>(value >> 16, ports.first);
  const std::uint32_t last = std::max<std::uint32_t>(value & 0xffff, ports.last());
  value = STEER_PORTS(first, last);
}

void add_backends(SteeringView& view, const VipIndex& index) {
  for (const NatBackendEntry& backend : index.nat_backends()) {
    view.backends[steer_key(backend)] = 0;
    view.backends.try_emplace(steer_key_of_later_fragments(backend), 0);
  }
  for (const NatBackendEntry& backend : index.wide_nat_backends())
    add_ports(view.backends[steer_key_of_later_fragments(backend)], backend.ports());
}

}  // namespace

SteeringView desired(const Generation& generation, PortId port, const SteeringFacts& facts) {
  SteeringView view;
  if (generation.index) {
    for (const VipEntry& vip : generation.index->vips()) view.vips[steer_key(vip.address)] = 0;
    for (const VipEntry& vip : generation.index->vip_prefixes()) view.vip_prefixes[steer_key(vip.prefix())] = 0;
    add_backends(view, *generation.index);
  }
  if (generation.ports) {
    for (const PortView& each : *generation.ports) {
      for (const Prefix& own : each.addresses) view.node_addresses[steer_key(own.address)] = 0;
    }
    if (index(port) < generation.ports->size()) add_port(view, generation, (*generation.ports)[index(port)], facts.roles);
  }
  if (generation.pair.on) view.pair_port[0] = Be16{generation.pair.udp_port}.wire;
  for (const IpAddress& own : facts.addresses) view.node_addresses[steer_key(own)] = 0;
  return view;
}

template <typename Key>
SteerMap<Key>::~SteerMap() {
  if (fd_ >= 0) close(fd_);
}

template <typename Key>
SteerMap<Key>::SteerMap(SteerMap&& other) noexcept
    : name_{std::move(other.name_)}, fd_{std::exchange(other.fd_, -1)}, held_{std::move(other.held_)} {}

template <typename Key>
SteerMap<Key>& SteerMap<Key>::operator=(SteerMap&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(fd_, other.fd_);
  std::swap(held_, other.held_);
  return *this;
}

template <typename Key>
Result<SteerMap<Key>> SteerMap<Key>::open(std::string name, int fd) {
  SteerMap map;
  map.name_ = std::move(name);
  map.fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (map.fd_ < 0) return fail("BPF map " + map.name_ + ": " + reason());
  Key key;
  for (const Key* before = nullptr; bpf_map_get_next_key(map.fd_, before, &key) == 0; before = &key) {
    std::uint32_t value = 0;
    if (bpf_map_lookup_elem(map.fd_, &key, &value) == 0) map.held_[key] = value;
  }
  return map;
}

// Both sides are sorted, so one walk over the two finds every difference.
template <typename Key>
Result<> SteerMap<Key>::add_missing(const MapContents<Key>& wanted) {
  auto at = held_.begin();
  for (const auto& [key, value] : wanted) {
    while (at != held_.end() && ByteLess{}(at->first, key)) ++at;
    const bool known = at != held_.end() && !ByteLess{}(key, at->first);
    if (known && at->second == value) continue;
    if (bpf_map_update_elem(fd_, &key, &value, BPF_ANY) != 0) return fail("BPF map " + name_ + ": cannot add an entry: " + reason());
    at = held_.insert_or_assign(at, key, value);
  }
  return {};
}

template <typename Key>
Result<> SteerMap<Key>::remove_others(const MapContents<Key>& wanted) {
  auto keep = wanted.begin();
  for (auto at = held_.begin(); at != held_.end();) {
    while (keep != wanted.end() && ByteLess{}(keep->first, at->first)) ++keep;
    if (keep != wanted.end() && !ByteLess{}(at->first, keep->first)) {
      ++at;
      continue;
    }
    if (bpf_map_delete_elem(fd_, &at->first) != 0 && errno != ENOENT) {
      return fail("BPF map " + name_ + ": cannot remove an entry: " + reason());
    }
    at = held_.erase(at);
  }
  return {};
}

template class SteerMap<SteerAddress>;
template class SteerMap<SteerPrefix>;
template class SteerMap<SteerEndpoint>;
template class SteerMap<SteerMac>;
template class SteerMap<std::uint32_t>;

namespace {

template <typename Key>
Result<> open_named(SteerMap<Key>& map, const char* name, std::span<const int> descriptors) {
  for (const int fd : descriptors) {
    bpf_map_info info{};
    __u32 size = sizeof info;
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0 || std::strcmp(info.name, name) != 0) continue;
    if (info.key_size != sizeof(Key) || info.value_size != sizeof(std::uint32_t)) {
      return fail(std::string{"BPF map "} + name + " has keys of another version of the program");
    }
    auto opened = SteerMap<Key>::open(name, fd);
    if (!opened) return fail(opened.error());
    map = std::move(*opened);
    return {};
  }
  return fail(std::string{"BPF map "} + name + " is not among the program's maps");
}

}  // namespace

Result<SteeringMaps> SteeringMaps::open(std::span<const int> descriptors) {
  SteeringMaps maps;
  return open_named(maps.vips_, "vips", descriptors)
      .and_then([&] { return open_named(maps.vip_prefixes_, "vip_prefixes", descriptors); })
      .and_then([&] { return open_named(maps.backends_, "backends", descriptors); })
      .and_then([&] { return open_named(maps.node_addresses_, "node_addresses", descriptors); })
      .and_then([&] { return open_named(maps.node_macs_, "node_macs", descriptors); })
      .and_then([&] { return open_named(maps.peers_, "peers", descriptors); })
      .and_then([&] { return open_named(maps.pair_port_, "pair_port", descriptors); })
      .and_then([&] { return open_named(maps.own_mac_, "own_mac", descriptors); })
      .map([&] { return std::move(maps); });
}

Result<> SteeringMaps::follow(const Generation& generation, PortId port, const SteeringFacts& facts) {
  const bool same = equal_ && index_ == generation.index && ports_ == generation.ports && groups_ == generation.groups &&
                    pair_ == generation.pair && facts_ == facts;
  if (same) return {};
  const auto applied = apply(desired(generation, port, facts));
  index_ = generation.index;
  ports_ = generation.ports;
  groups_ = generation.groups;
  pair_ = generation.pair;
  facts_ = facts;
  equal_ = applied.has_value();
  return applied;
}

Result<> SteeringMaps::apply(const SteeringView& view) {
  equal_ = false;
  // The node's own addresses first: a backend's answer to a health check is the kernel's from the first moment.
  return node_addresses_.add_missing(view.node_addresses)
      .and_then([&] { return own_mac_.add_missing(view.own_mac); })
      .and_then([&] { return node_macs_.add_missing(view.node_macs); })
      .and_then([&] { return peers_.add_missing(view.peers); })
      .and_then([&] { return pair_port_.add_missing(view.pair_port); })
      .and_then([&] { return vips_.add_missing(view.vips); })
      .and_then([&] { return vip_prefixes_.add_missing(view.vip_prefixes); })
      .and_then([&] { return backends_.add_missing(view.backends); })
      .and_then([&] { return backends_.remove_others(view.backends); })
      .and_then([&] { return vip_prefixes_.remove_others(view.vip_prefixes); })
      .and_then([&] { return vips_.remove_others(view.vips); })
      .and_then([&] { return pair_port_.remove_others(view.pair_port); })
      .and_then([&] { return peers_.remove_others(view.peers); })
      .and_then([&] { return node_macs_.remove_others(view.node_macs); })
      .and_then([&] { return own_mac_.remove_others(view.own_mac); })
      .and_then([&] { return node_addresses_.remove_others(view.node_addresses); });
}

}  // namespace tandem
