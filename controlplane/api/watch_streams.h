// SPDX-License-Identifier: Apache-2.0
// The streams `capture` and `trace`: what the workers see goes to the client that asked, as fast as it reads. One of each at a time.
// The workers' rings are emptied every kEvery, at most kPortion at once, so a flood that is watched costs the loop a tenth of its
// time; what does not fit is lost and counted (docs/design/observe.md). A client that leaves ends its stream.
// Threads: the loop's. Outlives the server whose methods these are.
#pragma once

#include <map>
#include <memory>

#include "controlplane/api/server.h"
#include "controlplane/api/watch_words.h"
#include "dataplane/observe/watch_desk.h"

namespace tandem {

class WatchStreams {
 public:
  static constexpr std::chrono::milliseconds kEvery{20};
  static constexpr std::size_t kPortion = 512 << 10, kRecordsAtOnce = 500;

  WatchStreams(Loop& loop, NodeState& node, WatchDesk& desk, std::size_t workers);
  void add_to(Server& server);

 private:
  // One client's.
  struct Stream {
    CallPtr call;
    std::string user;
    std::uint64_t packets = 0, most = 0;  // most: 0 is no end
    Instant until, next_word;             // until: 0 is no end. next_word: when it is told that we live
    bool stopping = false, congested = false;

    bool is_full() const { return most != 0 && packets >= most; }
  };

  void capture(const CallPtr& call);
  void trace(const CallPtr& call);
  bool begin(Stream& stream, const CallPtr& call, const char* what);
  void turn();
  void turn_capture();
  void turn_trace();
  bool take_captured();
  bool take_traced();
  void tell(Stream& stream, const api::Json& event);
  void end(Stream& stream, const CaptureTotals& totals);
  std::uint32_t interface_of(PortId port) const;

  Loop& loop_;
  NodeState& node_;
  WatchDesk& desk_;
  std::size_t workers_;
  std::int64_t wall_offset_ns_;  // from the workers' clock
  std::uint32_t interfaces_ = 0;
  Stream capture_, trace_;
  std::unique_ptr<TraceNames> names_;
  Loop::Handle timer_;
};

}  // namespace tandem
