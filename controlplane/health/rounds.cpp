// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/rounds.h"

#include <algorithm>

namespace tandem::health {
namespace {

constexpr Nanoseconds kLongestFirstWait = std::chrono::seconds{1};

Nanoseconds share(Nanoseconds of, double part) { return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(of.count()) * part)}; }

}  // namespace

void Rounds::add(const std::string& key, Pace pace, Instant now) {
  remove(key);
  const Instant due = now + share(std::min(pace.interval / 4, kLongestFirstWait), chance_());
  turns_[key] = {pace, due};
  waiting_.emplace(due, key);
}

void Rounds::change(const std::string& key, Pace pace) {
  if (const auto found = turns_.find(key); found != turns_.end()) found->second.pace = pace;
}

void Rounds::remove(const std::string& key) {
  const auto found = turns_.find(key);
  if (found == turns_.end()) return;
  waiting_.erase({found->second.due, key});
  turns_.erase(found);
}

void Rounds::hurry(const std::string& key, Instant now) {
  const auto found = turns_.find(key);
  if (found == turns_.end()) return;
  Turn& turn = found->second;
  if (turn.under_way) turn.hurried = true;
  if (turn.under_way || turn.due <= now) return;
  waiting_.erase({turn.due, key});
  turn.due = now;
  waiting_.emplace(turn.due, key);
}

std::vector<std::string> Rounds::take_due(Instant now, std::size_t most) {
  std::vector<std::string> due;
  while (due.size() < most && !waiting_.empty() && waiting_.begin()->first <= now) {
    due.push_back(waiting_.begin()->second);
    turns_.at(due.back()).under_way = true;
    waiting_.erase(waiting_.begin());
  }
  return due;
}

void Rounds::finished(const std::string& key, Instant now) {
  const auto found = turns_.find(key);
  if (found == turns_.end() || !found->second.under_way) return;
  Turn& turn = found->second;
  turn.under_way = false;
  turn.due = std::exchange(turn.hurried, false) ? now : std::max(now, turn.due + step(turn.pace));
  waiting_.emplace(turn.due, key);
}

std::optional<Instant> Rounds::next() const { return waiting_.empty() ? std::nullopt : std::optional{waiting_.begin()->first}; }

Nanoseconds Rounds::step(const Pace& pace) { return pace.interval + share(pace.interval, pace.jitter * (chance_() - 0.5)); }

}  // namespace tandem::health
