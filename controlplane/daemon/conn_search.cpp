// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/conn_search.h"

#include <utility>

namespace tandem {

ConnSearch::ConnSearch(Loop& loop, Dataplane& dataplane) : loop_{loop}, dataplane_{dataplane}, thread_{[this] { run(); }} {}

ConnSearch::~ConnSearch() {
  {
    const std::lock_guard hold{lock_};
    stopping_ = true;
    if (current_) {
      const std::lock_guard hold_job{current_->lock};
      current_->stopped = true;
      current_->taken.notify_all();
    }
  }
  woken_.notify_all();
  thread_.join();
}

void ConnSearch::start(NodeState::Found found, std::function<void(Result<>)> done) {
  auto job = std::make_shared<Job>();
  job->found = std::move(found), job->done = std::move(done);
  {
    const std::lock_guard hold{lock_};
    jobs_.push_back(std::move(job));
  }
  woken_.notify_one();
}

void ConnSearch::run() {
  for (;;) {
    std::unique_lock hold{lock_};
    woken_.wait(hold, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    current_ = std::move(jobs_.front());
    jobs_.pop_front();
    const std::shared_ptr<Job> job = current_;
    hold.unlock();
    scan(job);
  }
}

void ConnSearch::scan(const std::shared_ptr<Job>& job) {
  std::vector<FoundConnection> portion;
  Result<> done = dataplane_.scan_connections(kDeadline, [&](WorkerId worker, const ConnRecord& record) {
    portion.push_back({worker, record});
    if (portion.size() == kPortion) post_portion(job, std::exchange(portion, {}));
  });
  post_portion(job, std::move(portion));
  loop_.post([job, done = std::move(done)] { job->done(done); });
}

// Waits while the loop is behind, so that ten million connections are never in memory twice.
void ConnSearch::post_portion(const std::shared_ptr<Job>& job, std::vector<FoundConnection> portion) {
  std::unique_lock hold{job->lock};
  job->taken.wait(hold, [&] { return job->stopped || job->ahead < kMostPortionsAhead; });
  if (job->stopped) return;
  ++job->ahead;
  loop_.post([job, portion = std::move(portion)] {
    const bool go_on = job->found(portion);
    const std::lock_guard hold_job{job->lock};
    --job->ahead;
    job->stopped = job->stopped || !go_on;
    job->taken.notify_all();
  });
}

}  // namespace tandem
