// SPDX-License-Identifier: Apache-2.0
// One worker's datagrams under way (RFC 8200 4.5 would reassemble them; a forwarder needs their ports alone). The first fragment of
// one tells its flow; later ones that came before it are held for it. Fixed in memory and in time: when there is no room the oldest
// gives way, so that a stranger's stray fragments only shorten how long the others may take.
// Threads: the owning worker alone. Holds: what is held or leaving is at most kHeldMax + a batch, as long as whoever runs the
// pipeline empties take() before the next batch.
#pragma once

#include <memory>

#include "dataplane/fragments/datagram.h"

namespace tandem {

// What no longer waits. count_: it goes to its flow's owner (Batch::add_traced); else it is dropped for this reason.
struct LeavingFragment {
  rte_mbuf* mbuf = nullptr;
  FlowPorts flow;
  DropReason reason = DropReason::count_;
};

class DatagramTable {
 public:
  static constexpr std::size_t kDatagrams = 1024, kHeldMax = 512;
  static constexpr std::chrono::milliseconds kPatience{1000};

  DatagramTable();

  struct Admission {
    enum class Kind : std::uint8_t { traced, held, refused } kind;
    FlowPorts flow{};
    DropReason reason = DropReason::count_;
  };
  // `hash`: keyed, of the key. held: the buffer is the table's until take() gives it back.
  Admission admit(const DatagramKey& key, std::uint64_t hash, const Fragment& fragment, rte_mbuf* mbuf, Instant now) noexcept;

  // Whoever has waited for so long ends, a slice at a time. False: nobody has.
  bool expire(Instant now) noexcept;

  bool take(LeavingFragment& leaving) noexcept;  // false: nothing leaves
  std::size_t held() const noexcept { return held_ + leaving_count_; }
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kBuckets = 2 * kDatagrams, kLeavingMax = 2 * kHeldMax, kSlice = 16;

  // Oldest first. Those that wait for their first fragment, and the others, whose time begins anew when it has come.
  struct List {
    DatagramPlace oldest = kNoDatagram, newest = kNoDatagram;
  };

  List& list_of(const Datagram& datagram) noexcept { return datagram.waits() ? waiting_ : settled_; }
  Datagram* find(const DatagramKey& key, std::uint64_t hash) noexcept;
  Datagram& make(const DatagramKey& key, std::uint64_t hash, Instant now) noexcept;
  Admission refuse(Datagram& datagram, DropReason reason, Instant now) noexcept;
  Admission hold(Datagram& datagram, rte_mbuf* mbuf, Instant now) noexcept;
  template <typename Change>
  void settle(Datagram& datagram, Instant now, Change&& change) noexcept;
  void let_go(Datagram& datagram, DropReason reason) noexcept;
  void forget(Datagram& datagram) noexcept;
  void end_oldest(List& list, DropReason reason) noexcept;
  bool end_late(List& list, Instant now) noexcept;
  List& list_of_oldest() noexcept;
  void append(List& list, Datagram& datagram) noexcept;
  void unlink(List& list, Datagram& datagram) noexcept;
  DatagramPlace place_of(const Datagram& datagram) const noexcept { return static_cast<DatagramPlace>(&datagram - datagrams_.get()); }

  std::unique_ptr<Datagram[]> datagrams_;
  std::unique_ptr<DatagramPlace[]> buckets_;
  std::unique_ptr<LeavingFragment[]> leaving_;
  List waiting_, settled_;
  DatagramPlace free_ = 0;
  std::size_t size_ = 0, held_ = 0, leaving_first_ = 0, leaving_count_ = 0;
};

}  // namespace tandem
