// SPDX-License-Identifier: Apache-2.0
// The workers' threads: started together, pinned where cores are given, stopped and joined.
// Threads: one control thread.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "dataplane/worker/worker.h"

namespace tandem {

class Crew {
 public:
  Crew() = default;
  ~Crew() { stop(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // `cores` empty: wherever the scheduler likes. On an error none is left running.
  Result<> start(std::span<const std::unique_ptr<Worker>> workers, std::span<const unsigned> cores);
  void stop() noexcept;

 private:
  struct Member {
    Worker* worker = nullptr;
    const std::atomic<bool>* stop = nullptr;
    std::atomic<int> registered{-1};  // -1: not yet known, then 0 or 1
    pthread_t thread{};
    bool running = false;
  };
  static void* main(void* member);
  static Result<> launch(Member& member, const unsigned* core);

  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace tandem
