// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/probe.h"

#include <bit>

#include "common/net/checksum.h"
#include "common/net/headers.h"
#include "dataplane/model/lan.h"

namespace tandem {

namespace {

constexpr std::uint8_t kHops = 64, kTcpWords = 5 << 4;
constexpr Be16 kDontFragment{0x4000};
constexpr MacAddress kNobody{{0x02, 0x54, 0x4e, 0x44, 0x4d, 0x00}};  // locally administered: a sender whose MAC is not known

struct Lan {
  PortId port{};
  std::uint16_t vlan = 0;
  MacAddress sender = kNobody;
};

Lan lan_of(const Generation& generation, const FlowQuestion& question) {
  Lan lan;
  if (const auto hop = generation.routes->find(question.source.address)) {
    lan.port = hop->port, lan.vlan = hop->vlan;
    if (hop->adjacency != kNoAdjacency) lan.sender = (*generation.adjacencies)[index(hop->adjacency)].target;
  }
  if (question.port && *question.port != lan.port) return {*question.port};
  return lan;
}

// A backend's way out is its group's gateway.
GroupId group_asked(const Generation& generation, const FlowQuestion& question) {
  if (const VipEntry* vip = generation.index->find_vip(question.target.address)) return vip->group;
  const IpAddress& source = question.source.address;
  const Be16 port{question.source.port};
  const NatBackendEntry* backend = source.family == Family::ipv4 ? generation.index->find_nat_backend(source.v4(), question.protocol, port)
                                                                 : generation.index->find_nat_backend(source.v6(), question.protocol, port);
  if (backend == nullptr || backend->groups == 0) return kNoGroup;
  const auto lowest = static_cast<GroupId>(std::countr_zero(backend->groups));
  return backend->service == kNoService ? lowest : (*generation.services)[index(backend->service)].group;
}

template <typename Header>
void append(std::vector<std::uint8_t>& bytes, const Header& header) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(&header);
  bytes.insert(bytes.end(), first, first + sizeof header);
}

void append_link(std::vector<std::uint8_t>& bytes, const Lan& lan, const MacAddress& target, Family family) {
  const Be16 type = family == Family::ipv4 ? kEtherIpv4 : kEtherIpv6;
  append(bytes, EthHeader{target, lan.sender, lan.vlan == 0 ? type : kEtherVlan});
  if (lan.vlan != 0) append(bytes, VlanTag{Be16{lan.vlan}, type});
}

void append_ip(std::vector<std::uint8_t>& bytes, const FlowQuestion& question, std::size_t l4_bytes) {
  const IpAddress &from = question.source.address, &to = question.target.address;
  const auto protocol = static_cast<std::uint8_t>(question.protocol);
  if (from.family == Family::ipv6)
    return append(bytes, Ipv6Header{Be32{0x60000000}, Be16{static_cast<std::uint16_t>(l4_bytes)}, protocol, kHops, from.v6(), to.v6()});
  const Be16 total{static_cast<std::uint16_t>(sizeof(Ipv4Header) + l4_bytes)};
  Ipv4Header ip{0x45, 0, total, Be16{}, kDontFragment, kHops, protocol, Be16{}, from.v4(), to.v4()};
  ip.checksum = finish_checksum(sum_bytes(&ip, sizeof ip));
  append(bytes, ip);
}

template <typename Header>
Be16 checksum_of(const FlowQuestion& question, const Header& header) {
  const Be16 sum = finish_checksum(
      pseudo_header_sum(question.source.address, question.target.address, static_cast<std::uint8_t>(question.protocol), sizeof header) +
      sum_bytes(&header, sizeof header));
  return sum == Be16{} ? Be16{0xffff} : sum;  // of UDP 0 would mean none (RFC 768); of TCP the two are the same
}

}  // namespace

Probe make_probe(const Generation& generation, const FlowQuestion& question, std::uint8_t tcp_flags) {
  const Lan lan = lan_of(generation, question);
  const PortView& port = (*generation.ports)[index(lan.port)];
  const Family family = question.source.address.family;
  const Be16 source{question.source.port}, target{question.target.port};
  const bool tcp = question.protocol == Protocol::tcp;
  Probe probe{lan.port, lan.vlan, {}};
  append_link(probe.frame, lan, answering_mac(port, lan.vlan, group_asked(generation, question), family), family);
  append_ip(probe.frame, question, tcp ? sizeof(TcpHeader) : sizeof(UdpHeader));
  TcpHeader segment{source, target, Be32{1}, Be32{}, kTcpWords, tcp_flags, Be16{0xffff}, Be16{}, Be16{}};
  UdpHeader datagram{source, target, Be16{sizeof(UdpHeader)}, Be16{}};
  segment.checksum = checksum_of(question, segment), datagram.checksum = checksum_of(question, datagram);
  if (tcp) append(probe.frame, segment);
  else append(probe.frame, datagram);
  return probe;
}

}  // namespace tandem
