// SPDX-License-Identifier: Apache-2.0
#include "dataplane/fragments/datagram_table.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/base/ensure.h"

namespace tandem {

DatagramTable::DatagramTable()
    : datagrams_{std::make_unique<Datagram[]>(kDatagrams)},
      buckets_{std::make_unique<DatagramPlace[]>(kBuckets)},
      leaving_{std::make_unique<LeavingFragment[]>(kLeavingMax)} {
  std::fill_n(buckets_.get(), kBuckets, kNoDatagram);
  for (std::size_t i = 0; i + 1 < kDatagrams; ++i) datagrams_[i].next = static_cast<DatagramPlace>(i + 1);
}

DatagramTable::Admission DatagramTable::admit(const DatagramKey& key, std::uint64_t hash, const Fragment& fragment, rte_mbuf* mbuf,
                                              Instant now) noexcept {
  Datagram* const known = find(key, hash);
  Datagram& datagram = known != nullptr ? *known : make(key, hash, now);
  if (datagram.refused != DropReason::count_) return {.kind = Admission::Kind::refused, .reason = datagram.refused};
  if (const DropReason wrong = datagram.note(fragment); wrong != DropReason::count_) return refuse(datagram, wrong, now);
  if (fragment.is_first()) settle(datagram, now, [&] { datagram.flow = fragment.flow; });
  if (!datagram.flow) return hold(datagram, mbuf, now);
  const Admission traced{.kind = Admission::Kind::traced, .flow = *datagram.flow};
  let_go(datagram, DropReason::count_);
  if (datagram.is_whole()) forget(datagram);
  return traced;
}

// What still comes of it is refused as well.
DatagramTable::Admission DatagramTable::refuse(Datagram& datagram, DropReason reason, Instant now) noexcept {
  settle(datagram, now, [&] { datagram.refused = reason; });
  let_go(datagram, reason);
  return {.kind = Admission::Kind::refused, .reason = reason};
}

DatagramTable::Admission DatagramTable::hold(Datagram& datagram, rte_mbuf* mbuf, Instant now) noexcept {
  if (datagram.held_count == Datagram::kHeldMax) return refuse(datagram, DropReason::too_many_fragments, now);
  if (held_ == kHeldMax) {
    const bool is_oldest = waiting_.oldest == place_of(datagram);
    end_oldest(waiting_, DropReason::fragment_no_room);
    if (is_oldest) return {.kind = Admission::Kind::refused, .reason = DropReason::fragment_no_room};
  }
  datagram.held[datagram.held_count++] = mbuf;
  ++held_;
  return {.kind = Admission::Kind::held};
}

bool DatagramTable::expire(Instant now) noexcept {
  std::size_t ended = 0;
  while (ended < kSlice && (end_late(waiting_, now) || end_late(settled_, now))) ++ended;
  return ended != 0;
}

bool DatagramTable::take(LeavingFragment& leaving) noexcept {
  if (leaving_count_ == 0) return false;
  leaving = leaving_[leaving_first_];
  leaving_first_ = (leaving_first_ + 1) % kLeavingMax;
  --leaving_count_;
  return true;
}

Datagram* DatagramTable::find(const DatagramKey& key, std::uint64_t hash) noexcept {
  for (DatagramPlace at = buckets_[hash % kBuckets]; at != kNoDatagram; at = datagrams_[at].next)
    if (datagrams_[at].key == key) return &datagrams_[at];
  return nullptr;
}

Datagram& DatagramTable::make(const DatagramKey& key, std::uint64_t hash, Instant now) noexcept {
  if (free_ == kNoDatagram) end_oldest(list_of_oldest(), DropReason::fragment_no_room);
  Datagram& datagram = datagrams_[free_];
  free_ = datagram.next;
  datagram = {};
  datagram.key = key;
  datagram.bucket = static_cast<std::uint16_t>(hash % kBuckets);
  datagram.until = now + kPatience;
  datagram.next = std::exchange(buckets_[datagram.bucket], place_of(datagram));
  append(waiting_, datagram);
  ++size_;
  return datagram;
}

// It is known now what becomes of it, and its time begins anew.
template <typename Change>
void DatagramTable::settle(Datagram& datagram, Instant now, Change&& change) noexcept {
  unlink(list_of(datagram), datagram);
  change();
  datagram.until = now + kPatience;
  append(settled_, datagram);
}

void DatagramTable::let_go(Datagram& datagram, DropReason reason) noexcept {
  for (rte_mbuf* mbuf : std::span{datagram.held}.first(datagram.held_count)) {
    ensure(leaving_count_ < kLeavingMax);
    leaving_[(leaving_first_ + leaving_count_++) % kLeavingMax] = {mbuf, datagram.flow.value_or(FlowPorts{}), reason};
  }
  held_ -= datagram.held_count;
  datagram.held_count = 0;
}

void DatagramTable::forget(Datagram& datagram) noexcept {
  unlink(list_of(datagram), datagram);
  DatagramPlace* link = &buckets_[datagram.bucket];
  while (*link != place_of(datagram)) link = &datagrams_[*link].next;
  *link = datagram.next;
  datagram.next = std::exchange(free_, place_of(datagram));
  --size_;
}

void DatagramTable::end_oldest(List& list, DropReason reason) noexcept {
  Datagram& oldest = datagrams_[list.oldest];
  let_go(oldest, reason);
  forget(oldest);
}

bool DatagramTable::end_late(List& list, Instant now) noexcept {
  if (list.oldest == kNoDatagram || datagrams_[list.oldest].until > now) return false;
  end_oldest(list, DropReason::fragment_timed_out);
  return true;
}

DatagramTable::List& DatagramTable::list_of_oldest() noexcept {
  if (waiting_.oldest == kNoDatagram) return settled_;
  if (settled_.oldest == kNoDatagram) return waiting_;
  return datagrams_[settled_.oldest].until < datagrams_[waiting_.oldest].until ? settled_ : waiting_;
}

void DatagramTable::append(List& list, Datagram& datagram) noexcept {
  datagram.older = list.newest, datagram.newer = kNoDatagram;
  (list.newest == kNoDatagram ? list.oldest : datagrams_[list.newest].newer) = place_of(datagram);
  list.newest = place_of(datagram);
}

void DatagramTable::unlink(List& list, Datagram& datagram) noexcept {
  (datagram.older == kNoDatagram ? list.oldest : datagrams_[datagram.older].newer) = datagram.newer;
  (datagram.newer == kNoDatagram ? list.newest : datagrams_[datagram.newer].older) = datagram.older;
}

}  // namespace tandem
