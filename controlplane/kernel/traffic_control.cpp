// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/traffic_control.h"

#include <cstring>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "controlplane/kernel/netlink.h"

namespace tandem {
namespace {

// Calls `visit` for each attribute between `start` and `start` + `bytes`.
template <typename Visit>
void each_attribute(const void* start, std::size_t bytes, const Visit& visit) {
  const auto* at = static_cast<const nlattr*>(start);
  for (int left = static_cast<int>(bytes); mnl_attr_ok(at, left); at = mnl_attr_next(at)) {
    visit(*at);
    left -= static_cast<int>(MNL_ALIGN(at->nla_len));
  }
}

template <typename Visit>
void each_attribute(const nlmsghdr& message, const Visit& visit) {
  constexpr std::size_t kHeader = MNL_ALIGN(sizeof(tcmsg));
  const std::size_t payload = mnl_nlmsg_get_payload_len(&message);
  if (payload > kHeader) each_attribute(static_cast<const char*>(mnl_nlmsg_get_payload(&message)) + kHeader, payload - kHeader, visit);
}

std::string text_of(const nlattr& attribute) {
  const auto* start = static_cast<const char*>(mnl_attr_get_payload(&attribute));
  return {start, strnlen(start, mnl_attr_get_payload_len(&attribute))};
}

Result<> dump(std::uint16_t type, const tcmsg& about, const std::function<void()>& begin, const MessageHandler& handle) {
  auto socket = NetlinkSocket::open();
  if (!socket) return fail(socket.error());
  NetlinkRequest request{type, 0};
  request.header<tcmsg>() = about;
  return socket->dump(request, begin, [&](const nlmsghdr& message) {
    // Some kernels answer for every interface.
    const auto* header = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(&message));
    if (mnl_nlmsg_get_payload_len(&message) >= sizeof *header && header->tcm_ifindex == about.tcm_ifindex) handle(message);
  });
}

TcFilter read_filter(const nlmsghdr& message) {
  const auto& header = *static_cast<const tcmsg*>(mnl_nlmsg_get_payload(&message));
  TcFilter filter{.handle = header.tcm_handle, .priority = TC_H_MAJ(header.tcm_info) >> 16};
  each_attribute(message, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == TCA_KIND) filter.kind = text_of(attribute);
    if (mnl_attr_get_type(&attribute) != TCA_OPTIONS) return;
    each_attribute(mnl_attr_get_payload(&attribute), mnl_attr_get_payload_len(&attribute), [&](const nlattr& option) {
      if (mnl_attr_get_type(&option) == TCA_BPF_NAME) filter.program = text_of(option);
    });
  });
  if (filter.kind != "bpf") filter.program.clear();
  return filter;
}

}  // namespace

Result<bool> has_clsact(int interface_index) {
  bool found = false;
  tcmsg about{};
  about.tcm_ifindex = interface_index;
  const auto dumped = dump(
      RTM_GETQDISC, about, [&] { found = false; },
      [&](const nlmsghdr& message) {
        each_attribute(message, [&](const nlattr& attribute) {
          if (mnl_attr_get_type(&attribute) != TCA_KIND) return;
          const std::string kind = text_of(attribute);
          found |= kind == "clsact" || kind == "ingress";
        });
      });
  if (!dumped) return fail(dumped.error());
  return found;
}

Result<std::vector<TcFilter>> filters_on(int interface_index, TcSide side) {
  std::vector<TcFilter> filters;
  tcmsg about{};
  about.tcm_ifindex = interface_index;
  about.tcm_parent = TC_H_MAKE(TC_H_CLSACT, side == TcSide::ingress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  const auto dumped = dump(
      RTM_GETTFILTER, about, [&] { filters.clear(); },
      [&](const nlmsghdr& message) {
        // Each priority is listed once by itself, with handle 0, before its filters.
        TcFilter filter = read_filter(message);
        if (filter.handle != 0) filters.push_back(std::move(filter));
      });
  if (!dumped) return fail(dumped.error());
  return filters;
}

}  // namespace tandem
