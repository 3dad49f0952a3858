// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/sender.h"

#include <algorithm>

#include "dataplane/packet/batch.h"

namespace tandem {

void Sender::send(PortId port, std::span<rte_mbuf* const> packets, Expires expires) noexcept {
  if (packets.empty()) return;
  const TxWay& way = ways_[index(port)];
  if (way.own) send_by_queue(port, way.queue, packets);
  else send_through(way.via, port, packets, expires);
}

void Sender::send_by_queue(PortId port, std::uint16_t queue, std::span<rte_mbuf* const> packets) noexcept {
  std::array<rte_mbuf*, kBatchMax> burst;  // drivers may write where they read
  ensure(packets.size() <= burst.size());
  std::copy(packets.begin(), packets.end(), burst.begin());
  taps_.offer(port, packets);
  const std::uint16_t taken = wire_.send(port, queue, burst.data(), static_cast<std::uint16_t>(packets.size()));
  taps_.taken(taken);
  counters_.tx.add(taken);
  refuse(port, {burst.data() + taken, packets.size() - taken});
}

void Sender::send_through(WorkerId owner, PortId port, std::span<rte_mbuf* const> packets, Expires expires) noexcept {
  std::size_t pushed = 0;
  while (pushed < packets.size() && fabric_.push(self_, owner, {packets[pushed], port, true, expires == Expires::yes})) ++pushed;
  if (pushed != 0) fabric_.ring_bell(self_, owner);
  refuse(port, packets.subspan(pushed));
}

void Sender::refuse(PortId port, std::span<rte_mbuf* const> packets) noexcept {
  if (packets.empty()) return;
  for (rte_mbuf* mbuf : packets) {
    taps_.dropped(port, mbuf, DropReason::tx_refused);
    rte_pktmbuf_free(mbuf);
  }
  refused_[index(port)].add(packets.size());
  counters_.dropped[static_cast<std::size_t>(DropReason::tx_refused)].add(packets.size());
}

}  // namespace tandem
