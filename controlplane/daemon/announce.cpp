// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/announce.h"

#include <array>
#include <cstring>

#include "common/net/checksum.h"
#include "common/net/headers.h"

namespace tandem {
namespace {

constexpr MacAddress kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
constexpr MacAddress kAllNodes{{0x33, 0x33, 0, 0, 0, 1}};
constexpr std::uint8_t kTargetLinkLayerOption = 2;
constexpr std::uint32_t kOverride = 0x20000000;
constexpr std::size_t kShortestFrameBytes = 60;

void put_bytes(FrameBytes& out, const void* bytes, std::size_t count) {
  const std::size_t at = out.size();
  out.resize(at + count);
  std::memcpy(out.data() + at, bytes, count);
}

template <typename T>
void put(FrameBytes& out, const T& header) {
  put_bytes(out, &header, sizeof header);
}

FrameBytes ethernet(const MacAddress& target, const MacAddress& source, std::uint16_t vlan, Be16 type) {
  FrameBytes out;
  put(out, EthHeader{target, source, vlan == 0 ? type : kEtherVlan});
  if (vlan != 0) put(out, VlanTag{Be16{vlan}, type});
  return out;
}

FrameBytes padded(FrameBytes frame) {
  if (frame.size() < kShortestFrameBytes) frame.resize(kShortestFrameBytes);
  return frame;
}

}  // namespace

FrameBytes gratuitous_arp(const MacAddress& mac, Ipv4Address vip, std::uint16_t vlan) {
  FrameBytes out = ethernet(kBroadcast, mac, vlan, kEtherArp);
  put(out, ArpHeader{Be16{1}, kEtherIpv4, 6, 4, Be16{1}, mac, vip, MacAddress{}, vip});
  return padded(std::move(out));
}

FrameBytes unsolicited_advert(const MacAddress& mac, const Ipv6Address& vip, std::uint16_t vlan) {
  static constexpr Ipv6Address kAllNodesAddress{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  FrameBytes message;
  put(message, NdHeader{kNdNeighbourAdvert, 0, Be16{}, Be32{kOverride}, vip});
  put(message, std::array<std::uint8_t, 2>{kTargetLinkLayerOption, 1});  // type, length in units of eight bytes
  put(message, mac);
  const auto length = static_cast<std::uint16_t>(message.size());
  const Sum sum = pseudo_header_sum(vip, kAllNodesAddress, 58, length) + sum_bytes(message.data(), message.size());
  const Be16 checksum = finish_checksum(sum);
  std::memcpy(message.data() + 2, &checksum, sizeof checksum);
  FrameBytes out = ethernet(kAllNodes, mac, vlan, kEtherIpv6);
  put(out, Ipv6Header{Be32{0x60000000}, Be16{length}, 58, 255, vip, kAllNodesAddress});
  put_bytes(out, message.data(), message.size());
  return padded(std::move(out));
}

void Announcer::generation_changed(const Generation& generation, const std::function<std::vector<config::Lan>(const IpAddress&)>& lans_of) {
  std::set<std::pair<IpAddress, config::Lan>> wanted;
  for (const VipEntry& vip : generation.index->vips()) {
    for (const config::Lan& lan : lans_of(vip.address)) {
      wanted.emplace(vip.address, lan);
      if (announced_.contains({vip.address, lan})) continue;
      const MacAddress& mac = (*generation.ports)[index(lan.port)].mac;
      pending_.push_back({lan.port,
                          vip.address.family == Family::ipv4 ? gratuitous_arp(mac, vip.address.v4(), lan.vlan)
                                                             : unsolicited_advert(mac, vip.address.v6(), lan.vlan),
                          1 + kRepeats});
    }
  }
  announced_ = std::move(wanted);
  if (!pending_.empty() && !timer_.active()) burst();
}

void Announcer::burst() {
  for (Pending& each : pending_) send_(each.port, each.frame), --each.left;
  std::erase_if(pending_, [](const Pending& each) { return each.left == 0; });
  timer_ = pending_.empty() ? Loop::Handle{} : loop_.after(kApart, [this] { burst(); });
}

}  // namespace tandem
