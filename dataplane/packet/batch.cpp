// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/batch.h"

namespace tandem {

namespace {

// More than the longest chain of headers that parse accepts from a friend; a first segment shorter than this is joined.
constexpr std::uint32_t kHeaderRoom = 256;

// An offload that took the tag out of the frame: put it back, so that everything behind sees one form.
void restore_tag(rte_mbuf* mbuf) noexcept {
  std::uint8_t* frame = reinterpret_cast<std::uint8_t*>(rte_pktmbuf_prepend(mbuf, sizeof(VlanTag)));
  if (frame == nullptr) return;  // no headroom: goes on untagged
  std::memmove(frame, frame + sizeof(VlanTag), 2 * sizeof(MacAddress));
  const Be16 tag[2] = {kEtherVlan, Be16{mbuf->vlan_tci}};
  std::memcpy(frame + 2 * sizeof(MacAddress), tag, sizeof tag);
  mbuf->ol_flags &= ~(RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED);
}

}  // namespace

void Batch::clear() noexcept {
  for (std::uint32_t left = ports_; left != 0; left &= left - 1) transmits_[static_cast<std::size_t>(std::countr_zero(left))].clear();
  count_ = ports_ = kept_ = 0;
  punts_.clear();
  to_pair_.clear();
  handovers_.clear();
  held_.clear();
  drops_.clear();
}

void Batch::straighten(rte_mbuf* mbuf) noexcept {
  if ((mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) restore_tag(mbuf);
  if (mbuf->nb_segs > 1 && mbuf->data_len < kHeaderRoom) rte_pktmbuf_linearize(mbuf);
}

void Batch::add_handed_over(rte_mbuf* mbuf) noexcept { take_carried(next_record(mbuf, Origin::handed_over)); }

void Batch::add_traced(rte_mbuf* mbuf, const FlowPorts& ports) noexcept {
  Packet& packet = next_record(mbuf, Origin::traced);
  take_carried(packet);
  become_later_fragment(packet, ports);
}

std::size_t Batch::decided() const noexcept {
  std::size_t sum = kept_ + punts_.size() + to_pair_.size() + handovers_.size() + held_.size() + drops_.size();
  for (std::uint32_t left = ports_; left != 0; left &= left - 1) sum += transmits_[static_cast<std::size_t>(std::countr_zero(left))].size();
  return sum;
}

void Batch::finish(WorkerCounters& counters) noexcept {
  ensure(decided() == count_);  // decide() has seen to it that none is in two lists
  std::array<rte_mbuf*, kBatchMax> freed;
  std::uint32_t count = 0;
  for (const Packet* packet : drops_) {
    counters.dropped[static_cast<std::size_t>(packet->reason)].add();
    freed[count++] = packet->mbuf;
  }
  if (count != 0) rte_pktmbuf_free_bulk(freed.data(), count);
}

}  // namespace tandem
