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
  const Result<> walked = dataplane_.scan_connections(kDeadline, [&](WorkerId worker, const ConnRecord& record) {
    portion.push_back({worker, record});
    if (portion.size() == kPortion) post_portion(job, std::exchange(portion, {}));
  });
  post_portion(job, std::move(portion));
  wait_for_reader(*job, 0);
  loop_.post([job, done = job->too_slow ? fail("the client reads too slowly: nothing was taken for 10 s") : walked] { job->done(done); });
}

// So that ten million connections are never in memory twice, and a client that does not read keeps nobody waiting for long.
bool ConnSearch::wait_for_reader(Job& job, std::size_t most_ahead) {
  std::unique_lock hold{job.lock};
  job.too_slow |= !job.taken.wait_for(hold, kPatience, [&] { return job.stopped || job.ahead <= most_ahead; });
  job.stopped |= job.too_slow;
  return !job.stopped;
}

void ConnSearch::post_portion(const std::shared_ptr<Job>& job, std::vector<FoundConnection> portion) {
  if (!wait_for_reader(*job, kMostPortionsAhead - 1)) return;
  {
    const std::lock_guard hold{job->lock};
    ++job->ahead;
  }
  loop_.post([job, portion = std::move(portion)] {
    job->found(portion, [job](bool go_on) {
      const std::lock_guard hold{job->lock};
      --job->ahead;
      job->stopped |= !go_on;
      job->taken.notify_all();
    });
  });
}

}  // namespace tandem
