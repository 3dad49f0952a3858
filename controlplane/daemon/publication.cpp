// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/publication.h"

#include <algorithm>
#include <utility>

namespace tandem {

// The builder begins a backend that is new as up with its configured weight; whoever is otherwise is told here.
void Publication::hand_states_over() {
  for (BackendRow* row : board_.all()) {
    const auto slots = builder_.slots_of(row->service, row->name);
    const bool renewed = !std::equal(slots.begin(), slots.end(), row->slots.begin(), row->slots.end());
    if (renewed) {
      row->slots.assign(slots.begin(), slots.end());
      hooks_.renewed(*row);
    }
    const auto known = handed_.find({row->service, row->name});
    if (!renewed && known != handed_.end() && known->second == row->dynamic()) continue;
    builder_.set_state(row->service, row->name, row->dynamic());
    handed_.insert_or_assign({row->service, row->name}, row->dynamic());
  }
}

std::unique_ptr<Generation> Publication::first() {
  hand_states_over();
  std::unique_ptr<Generation> generation = builder_.build();
  hooks_.before(*generation);
  return generation;
}

void Publication::begin(Publisher& publisher) {
  publisher_ = &publisher;
  number_ = publisher.latest()->number;
  hooks_.after(*publisher.latest());
}

void Publication::soon() {
  if (scheduled_ || publisher_ == nullptr) return;
  scheduled_ = true;
  timer_ = loop_.after(kCoalesce, [this] { due(); });
}

void Publication::at_once() {
  if (publisher_ == nullptr) return;
  timer_.cancel();
  due();
}

void Publication::due() {
  scheduled_ = false;
  const Result<> published = now();
  if (published) {
    refused_ = false;
    return;
  }
  if (!std::exchange(refused_, true)) events_.add(Severity::critical, "publish", "generation", published.error().message);
  soon();  // what could not be published is still to be
}

Result<> Publication::now() {
  hand_states_over();
  std::unique_ptr<Generation> next = builder_.build();
  hooks_.before(*next);
  if (Result<> published = publisher_->publish(std::move(next)); !published) return published;
  number_ = publisher_->latest()->number;
  hooks_.after(*publisher_->latest());
  return {};
}

}  // namespace tandem
