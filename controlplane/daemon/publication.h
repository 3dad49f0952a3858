// SPDX-License-Identifier: Apache-2.0
// From "something changed" to a generation that the workers see: gathers changes for kCoalesce, builds, feeds the steering
// maps around the publication, and tries again when a worker holds up reclaim. Threads: the loop's.
#pragma once

#include <chrono>
#include <functional>
#include <map>

#include "controlplane/api/board.h"
#include "controlplane/api/event_log.h"
#include "controlplane/config/build.h"
#include "controlplane/loop/loop.h"
#include "dataplane/model/publisher.h"

namespace tandem {

class Publication {
 public:
  static constexpr std::chrono::milliseconds kCoalesce{10};

  struct Hooks {
    std::function<void(const Generation&)> before, after;  // around the moment when workers see it
    std::function<void(BackendRow&)> renewed;              // a backend was given slots: their counters are another's past
  };

  Publication(Loop& loop, config::GenerationBuilder& builder, Board& board, EventLog& events, Hooks hooks)
      : loop_{loop}, builder_{builder}, board_{board}, events_{events}, hooks_{std::move(hooks)} {}

  std::unique_ptr<Generation> first();  // for Dataplane::run(), which publishes it
  void begin(Publisher& publisher);     // from here on soon() and now() publish
  void soon();
  void at_once();  // what an operator is told is done holds; later, with an event, if workers hold it up
  Result<> now();
  std::uint64_t number() const { return number_; }

 private:
  void hand_states_over();
  void due();

  Loop& loop_;
  config::GenerationBuilder& builder_;
  Board& board_;
  EventLog& events_;
  Hooks hooks_;
  Publisher* publisher_ = nullptr;
  Loop::Handle timer_;
  bool scheduled_ = false, refused_ = false;
  std::uint64_t number_ = 0;
  std::map<Board::Key, config::BackendDynamic> handed_;
};

}  // namespace tandem
