// SPDX-License-Identifier: Apache-2.0
// Keeps the maps of the XDP program (and of the ingress filter, which has the same) equal to the generation.
// desired() is arithmetic; SteeringMaps writes differences, additions first, so that no frame of a VIP or backend that stays
// is ever misjudged. Entries take effect at once, under traffic. Leftovers of a killed process: dataplane/io/xdp_leftover.h.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"
#include "dataplane/bpf/steer_maps.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/roles.h"

namespace tandem {

// Keys are compared as the kernel does, byte by byte.
struct ByteLess {
  template <typename Key>
  bool operator()(const Key& a, const Key& b) const {
    return std::memcmp(&a, &b, sizeof(Key)) < 0;
  }
};
template <typename Key>
using MapContents = std::map<Key, std::uint32_t, ByteLess>;

// What one port's maps shall hold.
struct SteeringView {
  MapContents<SteerAddress> vips, node_addresses, peers;
  MapContents<SteerPrefix> vip_prefixes;
  MapContents<SteerEndpoint> backends;
  MapContents<SteerMac> node_macs;
  MapContents<std::uint32_t> pair_port;  // at 0, while there is a pair
  MapContents<std::uint32_t> own_mac;    // at 0 four bytes, at 1 two
};

SteerAddress steer_key(const IpAddress& address);
SteerPrefix steer_key(const Prefix& prefix);
SteerEndpoint steer_key(const NatBackendEntry& backend);
SteerEndpoint steer_key_of_later_fragments(const NatBackendEntry& backend);  // they name no port
SteerMac steer_key(const MacAddress& mac);

// What else than the generation decides. The node's own addresses are those of all ports, and `addresses`: every other one of
// this kernel (NetworkView::node_addresses), since a health check may use any as its source. A group's servers are let out by the
// node that has it active.
struct SteeringFacts {
  std::vector<IpAddress> addresses;
  Roles roles;

  friend bool operator==(const SteeringFacts&, const SteeringFacts&) = default;
};
SteeringView desired(const Generation& generation, PortId port, const SteeringFacts& facts = {});

// Owned descriptor of one BPF hash map or trie with 32-bit values, and what it is known to hold.
template <typename Key>
class SteerMap {
 public:
  SteerMap() = default;
  ~SteerMap();
  SteerMap(SteerMap&& other) noexcept;
  SteerMap& operator=(SteerMap&& other) noexcept;

  // Duplicates the descriptor and reads what is in the map already.
  static Result<SteerMap> open(std::string name, int fd);
  Result<> add_missing(const MapContents<Key>& wanted);
  Result<> remove_others(const MapContents<Key>& wanted);
  bool is_open() const { return fd_ >= 0; }
  std::size_t size() const { return held_.size(); }

 private:
  std::string name_;
  int fd_ = -1;
  MapContents<Key> held_;
};

class SteeringMaps {
 public:
  // Picks our maps by name from descriptors (PortState::steering_maps, or a loaded object's); a missing one is an error.
  static Result<SteeringMaps> open(std::span<const int> descriptors);

  // After a failure the maps hold a part of the change; the next apply() takes it from there.
  Result<> apply(const SteeringView& view);
  // The same for desired(generation, port, facts); costs next to nothing when the parts it is made of are the very ones of the
  // last time, as when only a neighbour or a backend's state changed.
  Result<> follow(const Generation& generation, PortId port, const SteeringFacts& facts);

 private:
  std::shared_ptr<const VipIndex> index_;
  std::shared_ptr<const std::vector<PortView>> ports_;
  std::shared_ptr<const std::vector<GroupView>> groups_;
  SteeringFacts facts_;
  PairTraffic pair_;
  bool equal_ = false;  // the maps hold what these ask for
  SteerMap<SteerAddress> vips_, node_addresses_, peers_;
  SteerMap<SteerPrefix> vip_prefixes_;
  SteerMap<SteerEndpoint> backends_;
  SteerMap<SteerMac> node_macs_;
  SteerMap<std::uint32_t> pair_port_, own_mac_;
};

}  // namespace tandem
