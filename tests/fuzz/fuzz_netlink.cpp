// SPDX-License-Identifier: Apache-2.0
// Whatever a datagram of the kernel holds, nothing behind its end is read, and what was understood makes a view that can be
// compared. The kernel is trusted to be honest, not to be of the version that we know.
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "common/base/ensure.h"
#include "controlplane/kernel/mirror.h"

using namespace tandem;

namespace {

void judge_lan(const LanView& lan) {
  ensure(index(lan.port) <= 1);
  for (const auto& address : lan.addresses) ensure(address.length <= address.address.bits());
  for (const auto& route : lan.routes) ensure(route.prefix.length <= route.prefix.address.bits());
  for (const auto& neighbour : lan.neighbours) ensure(!neighbour.address.is_multicast());
}

// As a dump of routes and a notification in one: each message goes both ways.
void take_all(KernelTables& tables, const std::uint8_t* bytes, std::size_t size) {
  int left = static_cast<int>(size);
  for (auto* message = reinterpret_cast<const nlmsghdr*>(bytes); is_whole(message, left); message = mnl_nlmsg_next(message, &left)) {
    tables.take(*message);
    for (const RouteMessage& route : read_route(*message)) tables.routes.insert(route);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto exact = std::make_unique<std::uint8_t[]>(size);  // ends where the datagram ends, aligned as a receive buffer
  if (size != 0) std::memcpy(exact.get(), data, size);
  KernelTables tables;
  take_all(tables, exact.get(), size);
  const NetworkView view = view_of(tables, {{PortId{0}, "n0"}, {PortId{1}, "n1"}});
  for (const LanView& lan : view.lans) judge_lan(lan);
  ensure(!differs(view, view));
  return 0;
}
