// SPDX-License-Identifier: Apache-2.0
// Sends a worker's finished packets: by its own queue, or through the worker who has one. What is not taken is dropped at once
// (tx_refused), because waiting for a queue would make everybody wait; `tx` counts what a queue accepted, where it did.
// Threads: one worker's own; refused() may be read by any.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "dataplane/io/wire.h"
#include "dataplane/observe/taps.h"
#include "dataplane/packet/packet.h"
#include "dataplane/stats/counters.h"
#include "dataplane/worker/assignment.h"
#include "dataplane/worker/fabric.h"

namespace tandem {

enum class Expires : bool { no, yes };  // yes: the packet carries a deadline for whoever sends it (pair_link.h)

class Sender {
 public:
  Sender(WorkerId self, Wire& wire, Fabric& fabric, WorkerCounters& counters, Taps& taps, std::vector<TxWay> ways)
      : self_{self}, wire_{wire}, fabric_{fabric}, counters_{counters}, taps_{taps}, ways_{std::move(ways)} {}

  void send(PortId port, std::span<rte_mbuf* const> packets, Expires expires = Expires::no) noexcept;
  std::uint64_t refused(PortId port) const noexcept { return refused_[index(port)].get(); }

 private:
  void send_by_queue(PortId port, std::uint16_t queue, std::span<rte_mbuf* const> packets) noexcept;
  void send_through(WorkerId owner, PortId port, std::span<rte_mbuf* const> packets, Expires expires) noexcept;
  void refuse(PortId port, std::span<rte_mbuf* const> packets) noexcept;

  WorkerId self_;
  Wire& wire_;
  Fabric& fabric_;
  WorkerCounters& counters_;
  Taps& taps_;
  std::vector<TxWay> ways_;
  std::array<Counter, kMaxPorts> refused_;
};

// Packets popped one by one, sent in runs for the same port: a system call each would cost more than the forwarding.
class SendRun {
 public:
  explicit SendRun(Sender& sender, Expires expires = Expires::no) : sender_{sender}, expires_{expires} {}
  ~SendRun() { flush(); }
  SendRun(const SendRun&) = delete;
  SendRun& operator=(const SendRun&) = delete;

  void add(PortId port, rte_mbuf* mbuf) noexcept {
    if (port != port_ || count_ == packets_.size()) flush();
    port_ = port;
    packets_[count_++] = mbuf;
  }

 private:
  void flush() noexcept {
    sender_.send(port_, {packets_.data(), count_}, expires_);
    count_ = 0;
  }

  Sender& sender_;
  Expires expires_;
  PortId port_{};
  std::size_t count_ = 0;
  std::array<rte_mbuf*, 32> packets_;
};

}  // namespace tandem
