// SPDX-License-Identifier: Apache-2.0
#include "dataplane/local/ndp.h"

#include <optional>

#include "common/net/checksum.h"
#include "dataplane/packet/icmp.h"

namespace tandem {

namespace {

#pragma pack(push, 1)
struct LinkLayerOption {
  std::uint8_t type, length_words;  // in units of 8 bytes
  MacAddress mac;
};
#pragma pack(pop)
static_assert(sizeof(LinkLayerOption) == 8);

constexpr std::uint8_t kSourceLinkLayer = 1, kTargetLinkLayer = 2;
constexpr std::uint32_t kSolicited = 0x40000000, kOverride = 0x20000000;
constexpr std::size_t kAdvertBytes = sizeof(NdHeader) + sizeof(LinkLayerOption);
constexpr Ipv6Address kAllNodes{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};

struct Solicitation {
  bool sound = false;
  std::optional<MacAddress> source_mac;
};

// RFC 4861 4.6: type, length in 8 bytes, never 0.
Solicitation read_options(const std::uint8_t* at, std::size_t length) noexcept {
  Solicitation read;
  while (length != 0) {
    if (length < 2 || at[1] == 0 || at[1] * 8U > length) return {};
    if (at[0] == kSourceLinkLayer && at[1] == 1) read.source_mac = reinterpret_cast<const LinkLayerOption*>(at)->mac;
    length -= at[1] * 8U;
    at += at[1] * 8;
  }
  read.sound = !read.source_mac || !read.source_mac->is_multicast();  // an answer goes to one asker
  return read;
}

bool is_solicited_node(const Ipv6Address& address) noexcept {
  static constexpr std::uint8_t kPrefix[13] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  return std::memcmp(address.bytes.data(), kPrefix, sizeof kPrefix) == 0;
}

// RFC 4861 7.1.1, in its order.
Solicitation judge(const Packet& packet, std::size_t length) noexcept {
  const Ipv6Header& ip = packet.ipv6();
  if (ip.hop_limit != 255 || !icmp_checksum_is_right(packet) || packet.nd().code != 0) return {};
  if (IpAddress{packet.nd().target}.is_multicast()) return {};
  const Solicitation read = read_options(packet.l4() + sizeof(NdHeader), length - sizeof(NdHeader));
  const bool unspecified = IpAddress{ip.source}.is_unspecified();
  if (unspecified && (!is_solicited_node(ip.target) || read.source_mac)) return {};
  return read;
}

void write_advert(Packet& packet, const MacAddress& own, bool solicited) noexcept {
  NdHeader& nd = packet.nd();
  nd.type = kNdNeighbourAdvert;
  nd.flags = Be32{kOverride | (solicited ? kSolicited : 0)};
  nd.checksum = Be16{};
  const LinkLayerOption option{kTargetLinkLayer, 1, own};
  std::memcpy(packet.l4() + sizeof nd, &option, sizeof option);
  const Sum pseudo = pseudo_header_sum(packet.source(), packet.target(), packet.protocol, kAdvertBytes);
  nd.checksum = finish_checksum(pseudo + sum_bytes(&nd, kAdvertBytes));
}

// A probe from the unspecified address (RFC 4862) is answered to everybody.
void become_advert(Packet& packet, const MacAddress& own, const Solicitation& asked) noexcept {
  Ipv6Header& ip = packet.ipv6();
  const bool solicited = !IpAddress{ip.source}.is_unspecified();
  turn_around(packet.eth(), own, !solicited ? kAllNodesMac : asked.source_mac.value_or(packet.eth().source));
  ip.target = solicited ? ip.source : kAllNodes;
  ip.source = packet.nd().target;
  ip.hop_limit = 255;
  ip.payload_bytes = Be16{kAdvertBytes};
  write_advert(packet, own, solicited);
}

bool is_whole(const Packet& packet) noexcept { return icmp_bytes(packet) >= sizeof(NdHeader) && icmp_is_readable(packet); }

// What is no VIP is the kernel's to judge.
Answer judge_advert(const Packet& packet, const Generation& generation, const Roles& roles) noexcept {
  const VipEntry* claimed = is_whole(packet) ? generation.index->find_vip(packet.nd().target) : nullptr;
  if (claimed == nullptr) return {};
  return Answer::dropped(judge_claim(generation, roles, packet, *claimed));
}

}  // namespace

Answer answer_ndp(Packet& packet, const Generation& generation, const Roles& roles) noexcept {
  if (packet.l4_flags == kNdNeighbourAdvert) return judge_advert(packet, generation, roles);
  if (packet.l4_flags != kNdNeighbourSolicit) return {};
  if (!is_whole(packet)) return Answer::dropped(DropReason::bad_neighbour_discovery);
  const Respondent respondent = respondent_for(generation, roles, packet, IpAddress{packet.nd().target});
  if (respondent.who == Respondent::Who::nobody) return {};
  const Solicitation asked = judge(packet, icmp_bytes(packet));
  const bool plain = packet.l4_offset == packet.l3_offset + sizeof(Ipv6Header);  // RFC 6980: nothing between
  if (!asked.sound || !plain) return Answer::dropped(DropReason::bad_neighbour_discovery);
  if (const VipEntry* claimed = generation.index->find_vip(packet.ipv6().source))
    return Answer::dropped(judge_claim(generation, roles, packet, *claimed));
  if (respondent.who == Respondent::Who::other_node) return Answer::dropped(DropReason::standby_vip);
  if (!resize(packet, packet.l4_offset + kAdvertBytes)) return Answer::dropped(DropReason::no_buffer);
  become_advert(packet, respondent.mac, asked);
  return Answer::answered();
}

}  // namespace tandem
