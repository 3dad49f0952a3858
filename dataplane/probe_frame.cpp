// SPDX-License-Identifier: Apache-2.0
#include "dataplane/probe_frame.h"

#include <algorithm>
#include <cstring>

#include "common/net/checksum.h"
#include "common/net/headers.h"

namespace tandem {

namespace {

constexpr std::uint8_t kUdp = 17;

template <typename T>
void append(std::vector<std::uint8_t>& bytes, const T& value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void append_link(std::vector<std::uint8_t>& bytes, const ProbePlan& plan) {
  const Be16 type = plan.source.family == Family::ipv4 ? kEtherIpv4 : kEtherIpv6;
  append(bytes, EthHeader{plan.target_mac, plan.source_mac, plan.vlan == 0 ? type : kEtherVlan});
  if (plan.vlan != 0) append(bytes, VlanTag{Be16{plan.vlan}, type});
}

void append_ipv4(std::vector<std::uint8_t>& bytes, const ProbePlan& plan, std::uint16_t payload_bytes) {
  Ipv4Header ip{};
  ip.version_words = 0x45, ip.ttl = 1, ip.protocol = kUdp;
  ip.total_bytes = Be16{static_cast<std::uint16_t>(sizeof ip + payload_bytes)};
  ip.source = plan.source.v4(), ip.target = plan.target.v4();
  ip.checksum = finish_checksum(sum_bytes(&ip, sizeof ip));
  if (plan.bad_checksum) ip.checksum = Be16{static_cast<std::uint16_t>(ip.checksum.host() ^ 0x5555)};
  append(bytes, ip);
}

void append_ipv6(std::vector<std::uint8_t>& bytes, const ProbePlan& plan, std::uint16_t payload_bytes) {
  Ipv6Header ip{};
  ip.version_class_flow = Be32{6U << 28}, ip.payload_bytes = Be16{payload_bytes}, ip.next_header = kUdp, ip.hop_limit = 1;
  ip.source = plan.source.v6(), ip.target = plan.target.v6();
  append(bytes, ip);
}

}  // namespace

std::vector<std::uint8_t> probe_frame(const ProbePlan& plan) {
  const bool ipv4 = plan.source.family == Family::ipv4;
  const std::size_t ip_header = ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  const std::size_t datagram = std::max<std::size_t>(plan.ip_bytes, ip_header + sizeof(UdpHeader) + sizeof(ProbeMark)) - ip_header;
  std::vector<std::uint8_t> bytes;
  append_link(bytes, plan);
  ipv4 ? append_ipv4(bytes, plan, static_cast<std::uint16_t>(datagram)) : append_ipv6(bytes, plan, static_cast<std::uint16_t>(datagram));
  std::vector<std::uint8_t> behind;
  append(behind, UdpHeader{Be16{plan.source_port}, Be16{kDiscardPort}, Be16{static_cast<std::uint16_t>(datagram)}, Be16{}});
  append(behind, plan.mark);
  behind.resize(datagram);
  const Sum sum =
      pseudo_header_sum(plan.source, plan.target, kUdp, static_cast<std::uint32_t>(datagram)) + sum_bytes(behind.data(), datagram);
  const Be16 checksum = finish_checksum(sum);
  std::memcpy(behind.data() + offsetof(UdpHeader, checksum), &checksum, sizeof checksum);
  bytes.insert(bytes.end(), behind.begin(), behind.end());
  bytes.resize(std::max<std::size_t>(bytes.size(), 60));
  return bytes;
}

IpAddress probe_source(Family family, std::uint32_t flow) {
  const auto low = static_cast<std::uint8_t>(flow), high = static_cast<std::uint8_t>(flow >> 8);
  if (family == Family::ipv4) return IpAddress{Ipv4Address{Be32{198U << 24 | 18U << 16 | std::uint32_t{high} << 8 | low}}};
  Ipv6Address address{};
  address.bytes = {0x20, 0x01, 0x00, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low};  // 2001:2::/48
  return IpAddress{address};
}

IpAddress probe_target(Family family) {
  if (family == Family::ipv4) return IpAddress{Ipv4Address{Be32{192U << 24 | 2U << 8 | 1U}}};
  Ipv6Address address{};
  address.bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return IpAddress{address};
}

}  // namespace tandem
