// SPDX-License-Identifier: Apache-2.0
// One question on its way at a time: whoever asks meanwhile waits for the same answer. Several Prometheus servers that scrape in
// one moment cost the daemon one snapshot. prometheus-cpp collects under a lock, so those that came together ask one after the
// other: an answer therefore stays good for kFresh, which is far below any scrape interval. Threads: any.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <utility>

namespace tandem::exporter {

template <typename Value>
class SharedAnswer {
 public:
  using Answer = std::shared_ptr<const Value>;
  static constexpr std::chrono::milliseconds kFresh{50};

  explicit SharedAnswer(std::function<Value()> ask) : ask_{std::move(ask)} {}

  Answer get() {
    std::promise<Answer> promise;
    std::shared_future<Answer> theirs;
    {
      const std::lock_guard guard{lock_};
      if (last_ && std::chrono::steady_clock::now() < good_until_) return last_;
      if (on_its_way_.valid()) theirs = on_its_way_;
      else on_its_way_ = promise.get_future().share();
    }
    if (theirs.valid()) return theirs.get();
    Answer answer = std::make_shared<const Value>(ask_());
    {
      const std::lock_guard guard{lock_};
      on_its_way_ = {};
      last_ = answer;
      good_until_ = std::chrono::steady_clock::now() + kFresh;
    }
    promise.set_value(answer);
    return answer;
  }

 private:
  std::function<Value()> ask_;
  std::mutex lock_;
  std::shared_future<Answer> on_its_way_;
  Answer last_;
  std::chrono::steady_clock::time_point good_until_;
};

}  // namespace tandem::exporter
