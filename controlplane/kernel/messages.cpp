// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/messages.h"

#include <array>
#include <cstring>

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace tandem {
namespace {

// Attributes by type, each known to lie within the message. Of a type that comes twice the last counts.
class Attributes {
 public:
  Attributes(const void* start, std::size_t bytes) {
    const auto* at = static_cast<const nlattr*>(start);
    for (int left = static_cast<int>(bytes); mnl_attr_ok(at, left);) {
      if (mnl_attr_get_type(at) < kTypes) found_[mnl_attr_get_type(at)] = at;
      const int step = static_cast<int>(MNL_ALIGN(at->nla_len));
      left -= step;
      at = mnl_attr_next(at);
    }
  }

  const nlattr* operator[](std::size_t type) const { return found_[type]; }

  template <typename Value>
  std::optional<Value> get(std::size_t type) const {
    const nlattr* at = found_[type];
    if (at == nullptr || mnl_attr_get_payload_len(at) < sizeof(Value)) return std::nullopt;
    Value value;
    std::memcpy(&value, mnl_attr_get_payload(at), sizeof value);
    return value;
  }

  std::optional<IpAddress> address(std::size_t type, int family) const {
    if (family == AF_INET) {
      const auto v4 = get<Ipv4Address>(type);
      return v4 ? std::optional<IpAddress>{*v4} : std::nullopt;
    }
    const auto v6 = get<Ipv6Address>(type);
    return v6 ? std::optional<IpAddress>{*v6} : std::nullopt;
  }

  std::string text(std::size_t type) const {
    const nlattr* at = found_[type];
    if (at == nullptr) return {};
    const auto* start = static_cast<const char*>(mnl_attr_get_payload(at));
    return {start, strnlen(start, mnl_attr_get_payload_len(at))};
  }

 private:
  static constexpr std::size_t kTypes = 128;
  static_assert(IFLA_MAX < kTypes && IFA_MAX < kTypes && RTA_MAX < kTypes && NDA_MAX < kTypes);

  std::array<const nlattr*, kTypes> found_{};
};

template <typename Header>
struct Message {
  const Header* header;
  Attributes attributes;

  static std::optional<Message> open(const nlmsghdr& message) {
    const std::size_t payload = mnl_nlmsg_get_payload_len(&message);
    constexpr std::size_t kHeader = MNL_ALIGN(sizeof(Header));
    if (message.nlmsg_len < MNL_NLMSG_HDRLEN || payload < kHeader) return std::nullopt;
    const char* start = static_cast<const char*>(mnl_nlmsg_get_payload(&message));
    return Message{reinterpret_cast<const Header*>(start), {start + kHeader, payload - kHeader}};
  }
};

Attributes nested(const nlattr* at) {
  return at == nullptr ? Attributes{nullptr, 0} : Attributes{mnl_attr_get_payload(at), mnl_attr_get_payload_len(at)};
}

bool is_ip(int family) { return family == AF_INET || family == AF_INET6; }

void read_vlan(LinkMessage& link, const Attributes& attributes) {
  const auto info = nested(attributes[IFLA_LINKINFO]);
  if (info.text(IFLA_INFO_KIND) != "vlan") return;
  const auto data = nested(info[IFLA_INFO_DATA]);
  link.vlan = data.get<std::uint16_t>(IFLA_VLAN_ID).value_or(0);
  link.parent_index = attributes.get<int>(IFLA_LINK).value_or(0);
}

std::optional<IpAddress> read_gateway(const Attributes& attributes, int family) {
  if (auto gateway = attributes.address(RTA_GATEWAY, family)) return gateway;
  const auto via = attributes.get<std::uint16_t>(RTA_VIA);  // family, then the address (rtvia)
  if (!via || !is_ip(*via)) return std::nullopt;
  const auto* payload = static_cast<const char*>(mnl_attr_get_payload(attributes[RTA_VIA]));
  const std::size_t bytes = mnl_attr_get_payload_len(attributes[RTA_VIA]) - sizeof *via;
  if (*via == AF_INET && bytes >= sizeof(Ipv4Address)) {
    Ipv4Address v4;
    std::memcpy(&v4, payload + sizeof *via, sizeof v4);
    return v4;
  }
  if (*via == AF_INET6 && bytes >= sizeof(Ipv6Address)) {
    Ipv6Address v6;
    std::memcpy(&v6, payload + sizeof *via, sizeof v6);
    return v6;
  }
  return std::nullopt;
}

bool is_usable(unsigned hop_flags) { return (hop_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) == 0; }

std::vector<RouteMessage> read_next_hops(const nlattr* hops, const KernelRoute& shared, int family) {
  std::vector<RouteMessage> routes;
  const auto* at = static_cast<const rtnexthop*>(mnl_attr_get_payload(hops));
  for (std::size_t left = mnl_attr_get_payload_len(hops); left >= sizeof *at && at->rtnh_len >= sizeof *at && at->rtnh_len <= left;) {
    RouteMessage route{.interface_index = at->rtnh_ifindex, .route = shared};
    route.route.gateway = read_gateway(Attributes{RTNH_DATA(at), at->rtnh_len - sizeof *at}, family);
    if (is_usable(at->rtnh_flags)) routes.push_back(route);
    const std::size_t step = RTNH_ALIGN(at->rtnh_len);
    if (step > left) break;
    left -= step;
    at = RTNH_NEXT(at);
  }
  return routes;
}

NeighbourState neighbour_state(unsigned state) {
  if ((state & (NUD_PERMANENT | NUD_NOARP)) != 0) return NeighbourState::fixed;
  if ((state & NUD_REACHABLE) != 0) return NeighbourState::reachable;
  if ((state & (NUD_STALE | NUD_DELAY | NUD_PROBE)) != 0) return NeighbourState::stale;
  return NeighbourState::unresolved;
}

}  // namespace

std::optional<LinkMessage> read_link(const nlmsghdr& message) {
  const auto read = Message<ifinfomsg>::open(message);
  if (!read || read->header->ifi_family != AF_UNSPEC) return std::nullopt;  // a bridge port's news has another family
  const auto& attributes = read->attributes;
  LinkMessage link{.interface_index = read->header->ifi_index, .name = attributes.text(IFLA_IFNAME)};
  if (read->header->ifi_type == ARPHRD_ETHER) link.mac = attributes.get<MacAddress>(IFLA_ADDRESS);
  link.mtu_bytes = attributes.get<std::uint32_t>(IFLA_MTU).value_or(0);
  link.up = (read->header->ifi_flags & IFF_UP) != 0;
  link.carrier = (read->header->ifi_flags & IFF_LOWER_UP) != 0;
  read_vlan(link, attributes);
  return link;
}

std::optional<AddressMessage> read_address(const nlmsghdr& message) {
  const auto read = Message<ifaddrmsg>::open(message);
  if (!read || !is_ip(read->header->ifa_family)) return std::nullopt;
  // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, where it is given, is always ours.
  auto address = read->attributes.address(IFA_LOCAL, read->header->ifa_family);
  if (!address) address = read->attributes.address(IFA_ADDRESS, read->header->ifa_family);
  if (!address || read->header->ifa_prefixlen > address->bits()) return std::nullopt;
  return AddressMessage{static_cast<int>(read->header->ifa_index), Prefix{*address, read->header->ifa_prefixlen}};
}

std::vector<RouteMessage> read_route(const nlmsghdr& message) {
  const auto read = Message<rtmsg>::open(message);
  if (!read || !is_ip(read->header->rtm_family)) return {};
  const rtmsg& header = *read->header;
  const auto& attributes = read->attributes;
  const std::uint32_t table = attributes.get<std::uint32_t>(RTA_TABLE).value_or(header.rtm_table);
  const bool plain =
      header.rtm_type == RTN_UNICAST && (header.rtm_flags & RTM_F_CLONED) == 0 && header.rtm_tos == 0 && header.rtm_src_len == 0;
  if (table != RT_TABLE_MAIN || !plain) return {};
  IpAddress target = header.rtm_family == AF_INET ? IpAddress{} : IpAddress{Ipv6Address{}};
  if (const auto given = attributes.address(RTA_DST, header.rtm_family)) target = *given;
  if (header.rtm_dst_len > target.bits()) return {};
  KernelRoute route{.prefix = {target, header.rtm_dst_len}};
  route.metric = attributes.get<std::uint32_t>(RTA_PRIORITY).value_or(0);
  if (attributes[RTA_MULTIPATH] != nullptr) return read_next_hops(attributes[RTA_MULTIPATH], route, header.rtm_family);
  const auto interface_index = attributes.get<int>(RTA_OIF);
  if (!interface_index || !is_usable(header.rtm_flags)) return {};
  route.gateway = read_gateway(attributes, header.rtm_family);
  return {RouteMessage{*interface_index, route}};
}

std::optional<NeighbourMessage> read_neighbour(const nlmsghdr& message) {
  const auto read = Message<ndmsg>::open(message);
  if (!read || !is_ip(read->header->ndm_family) || (read->header->ndm_flags & NTF_PROXY) != 0) return std::nullopt;
  const auto address = read->attributes.address(NDA_DST, read->header->ndm_family);
  if (!address || address->is_multicast()) return std::nullopt;
  NeighbourMessage neighbour{.interface_index = read->header->ndm_ifindex, .neighbour = {.address = *address}};
  const auto mac = read->attributes.get<MacAddress>(NDA_LLADDR);
  const std::uint32_t extra = read->attributes.get<std::uint32_t>(NDA_FLAGS_EXT).value_or(0);
  neighbour.neighbour.managed = (extra & NTF_EXT_MANAGED) != 0;
  if (!mac || mac->is_zero()) return neighbour;
  neighbour.neighbour.mac = *mac;
  neighbour.neighbour.state = neighbour_state(read->header->ndm_state);
  return neighbour;
}

}  // namespace tandem
