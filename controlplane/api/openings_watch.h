// SPDX-License-Identifier: Apache-2.0
// Passive health: looks at how clients' connections begin at the backends of services that want it, and has the checks of suspects
// asked at once. Advice alone: no verdict comes from here. Threads: the loop's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controlplane/api/board.h"
#include "controlplane/api/event_log.h"

namespace tandem {

class OpeningsWatch {
 public:
  static constexpr std::chrono::milliseconds kPeriod{100};  // the owner's, between looks

  struct Hooks {
    std::function<verdict::Begun(const std::vector<BackendSlot>&)> begun;             // as counted by all workers
    std::function<bool(const std::string& service, const std::string& backend)> ask;  // false: nobody is there to be asked
  };
  OpeningsWatch(Board& board, EventLog& events, Hooks hooks) : board_{board}, events_{events}, hooks_{std::move(hooks)} {}

  void look(const config::Config& config, Instant now);

 private:
  void look(BackendRow& row, const config::Service& service, Instant now);
  void advise(BackendRow& row, const config::Check& check, Instant now);
  void tell(const BackendRow& row);

  Board& board_;
  EventLog& events_;
  Hooks hooks_;
};

}  // namespace tandem
