// SPDX-License-Identifier: Apache-2.0
// Up to 64 packets on their way through the passes, and where each of them goes. Every packet gets exactly one verdict.
// The worker fills it (add), runs the pipeline, empties the outputs, clears it. Threads: one worker's own.
// What the outputs mean to the worker: transmit: hand to the port's queue, count `tx` or the drop `tx_refused`; punts: apply
// the class's rate, count `punted` or a drop; to_pair: give to the pair's thread, count `consumed` or a drop; handovers: push to
// the owner's ring, count `handover_out` or `handover_full`; held: keep until the neighbour is known (hold.h finishes the
// packet), count the gauge `held`. Drops are already counted.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/base/ensure.h"
#include "dataplane/packet/carry.h"
#include "dataplane/packet/fragment.h"
#include "dataplane/packet/packet.h"
#include "dataplane/stats/counters.h"

namespace tandem {

inline constexpr std::size_t kBatchMax = 64, kBatchPorts = 32;

struct Punt {
  rte_mbuf* mbuf;
  PortId port;
  PuntClass punt_class;
};

// VRRP, or a datagram of the other node.
struct PairPacket {
  rte_mbuf* mbuf;
  PortId port;
};

struct Handover {
  rte_mbuf* mbuf;  // carries port, hash and offsets: Batch::add_handed_over reads them
  WorkerId owner;
};

// Complete but for its Ethernet header: where it goes is known, the next hop's MAC is not (forward/hold.h).
struct Held {
  rte_mbuf* mbuf;
  IpAddress destination;  // the backend's address, or the client's
  BackendSlot slot;       // the backend's, or kNoBackend for a client
};

// A fixed list that cannot overflow: a batch's packets each enter it at most once.
template <typename T>
class BatchList {
 public:
  void push(const T& value) noexcept {
    ensure(count_ < kBatchMax);
    items_[count_++] = value;
  }
  void clear() noexcept { count_ = 0; }
  void shorten(std::size_t count) noexcept {
    ensure(count <= count_);
    count_ = static_cast<std::uint32_t>(count);
  }
  bool empty() const noexcept { return count_ == 0; }
  std::size_t size() const noexcept { return count_; }
  T* begin() noexcept { return items_.data(); }
  T* end() noexcept { return items_.data() + count_; }
  const T* begin() const noexcept { return items_.data(); }
  const T* end() const noexcept { return items_.data() + count_; }
  T& operator[](std::size_t i) noexcept { return items_[i]; }
  const T& operator[](std::size_t i) const noexcept { return items_[i]; }
  std::span<const T> view() const noexcept { return {items_.data(), count_}; }

 private:
  std::uint32_t count_ = 0;
  std::array<T, kBatchMax> items_;
};

using Lane = BatchList<Packet*>;  // packets that the same loop treats alike

class Batch {
 public:
  // For the worker: in.
  void clear() noexcept;
  void add(rte_mbuf* mbuf, PortId port, Origin origin = Origin::wire) noexcept {
    if (mbuf->nb_segs > 1 || (mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) [[unlikely]]
      straighten(mbuf);
    Packet& packet = next_record(mbuf, origin);
    packet.port = port;
    prefetch(packet.frame);
  }
  void add_handed_over(rte_mbuf* mbuf) noexcept;  // as another worker's Handover carries it
  // A later fragment that was kept until its ports were known.
  void add_traced(rte_mbuf* mbuf, const FlowPorts& ports) noexcept;
  std::size_t size() const noexcept { return count_; }
  std::size_t room() const noexcept { return kBatchMax - count_; }

  // For the worker: out. ports() has bit i set when something leaves by port i.
  std::uint32_t ports() const noexcept { return ports_; }
  std::span<rte_mbuf* const> transmits(PortId port) const noexcept { return transmits_[index(port)].view(); }
  std::span<const Punt> punts() const noexcept { return punts_.view(); }
  std::span<const PairPacket> to_pair() const noexcept { return to_pair_.view(); }
  std::span<const Handover> handovers() const noexcept { return handovers_.view(); }
  std::span<const Held> held() const noexcept { return held_.view(); }
  std::span<Packet* const> drops() const noexcept { return drops_.view(); }  // until finish() gives their buffers back

  // For the passes.
  std::span<Packet> packets() noexcept { return {packets_.data(), count_}; }
  void transmit(Packet& packet, PortId port) noexcept {
    decide(packet, Verdict::transmit);
    ports_ |= 1U << index(port);
    transmits_[index(port)].push(packet.mbuf);
  }
  void punt(Packet& packet, PuntClass punt_class) noexcept {
    decide(packet, Verdict::punt);
    punts_.push({packet.mbuf, packet.port, punt_class});
  }
  void give_to_pair(Packet& packet) noexcept {
    decide(packet, Verdict::to_pair);
    to_pair_.push({packet.mbuf, packet.port});
  }
  void hand_over(Packet& packet, WorkerId owner) noexcept {
    decide(packet, Verdict::hand_over);
    carry(packet);
    handovers_.push({packet.mbuf, owner});
  }
  void hold(Packet& packet, const IpAddress& destination, BackendSlot slot) noexcept {
    decide(packet, Verdict::hold);
    held_.push({packet.mbuf, destination, slot});
  }
  // A fragment that waits for the first of its datagram: whoever keeps the buffer gives it back by add_traced, or counts its drop.
  void keep(Packet& packet) noexcept {
    decide(packet, Verdict::hold);
    carry(packet);
    ++kept_;
  }
  void drop(Packet& packet, DropReason reason) noexcept {
    decide(packet, Verdict::drop);
    packet.reason = reason;
    drops_.push(&packet);
  }

  // Counts the drops and gives their buffers back; every packet must have its verdict by now.
  void finish(WorkerCounters& counters) noexcept;

 private:
  static_assert(kBatchPorts <= 32, "ports_ holds one bit a port");

  // Puts a tag back that the device took, and joins segments in whose first one the headers might end.
  static void straighten(rte_mbuf* mbuf) noexcept;

  Packet& next_record(rte_mbuf* mbuf, Origin origin) noexcept {
    ensure(count_ < kBatchMax);
    Packet& packet = packets_[count_++];
    packet.mbuf = mbuf;
    packet.frame = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
    packet.frame_bytes = mbuf->pkt_len;
    packet.readable_bytes = mbuf->data_len;
    packet.origin = origin;
    packet.verdict = Verdict::none;
    return packet;
  }

  static void decide(Packet& packet, Verdict verdict) noexcept {
    ensure(packet.verdict == Verdict::none);
    packet.verdict = verdict;
  }
  std::size_t decided() const noexcept;

  std::uint32_t count_ = 0, ports_ = 0, kept_ = 0;
  BatchList<Punt> punts_;
  BatchList<PairPacket> to_pair_;
  BatchList<Handover> handovers_;
  BatchList<Held> held_;
  Lane drops_;
  std::array<Packet, kBatchMax> packets_;
  std::array<BatchList<rte_mbuf*>, kBatchPorts> transmits_;
};

}  // namespace tandem
