// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/publisher.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "dataplane/model/enter.h"

namespace tandem {

Publisher::Publisher(std::size_t workers) : workers_{workers} { ensure(workers <= kMaxWorkers); }

Publisher::~Publisher() {
  ensure(oldest_epoch_in_use() == kOffline);  // the workers have ended
  delete current_.load(std::memory_order_relaxed);
}

Result<> Publisher::publish(std::unique_ptr<Generation> next) {
  collect();
  if (retired_.size() >= kMaxUnreclaimed) {
    WorkerId holder{};
    oldest_epoch_in_use(&holder);
    return fail("worker " + std::to_string(index(holder)) + " has not moved on from generation " +
                std::to_string(retired_.front().generation->number) + ", " + std::to_string(retired_.size()) +
                " generations wait for it: nothing is published until it does");
  }
  next->number = ++number_;
  std::unique_ptr<const Generation> before{current_.exchange(next.release(), std::memory_order_seq_cst)};
  // Whoever reads the new epoch reads the new root too, since the root was stored first.
  const std::uint64_t epoch = epoch_.fetch_add(1, std::memory_order_seq_cst) + 1;
  if (before != nullptr) retired_.push_back({std::move(before), epoch});
  collect();
  return {};
}

void Publisher::collect() {
  const std::uint64_t oldest = oldest_epoch_in_use();
  while (!retired_.empty() && retired_.front().epoch <= oldest) retired_.pop_front();
}

const Generation& Publisher::enter(WorkerId worker) noexcept {
  return enter(worker, [](EnterStep) {});
}

void Publisher::leave(WorkerId worker) noexcept { seen_[index(worker)].epoch.store(kOffline, std::memory_order_release); }

std::uint64_t Publisher::oldest_epoch_in_use(WorkerId* holder) const noexcept {
  std::uint64_t oldest = kOffline;
  for (std::size_t i = 0; i < workers_; ++i) {
    const std::uint64_t epoch = seen_[i].epoch.load(std::memory_order_seq_cst);
    if (epoch < oldest && holder != nullptr) *holder = static_cast<WorkerId>(i);
    oldest = std::min(oldest, epoch);
  }
  return oldest;
}

}  // namespace tandem
