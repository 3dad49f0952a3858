// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/story.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::sim {
namespace {

constexpr auto kStep = 2ms, kTick = 6ms, kDead = 150ms;
// Hearing each other for so long, exactly one serves; a planned move has both for the time of two hellos.
constexpr auto kSettle = 4 * kDead, kOverlap = 2 * kDead;
constexpr auto kStoryTime = 60s, kQuiet = 25s, kAloneAtMost = 3s;

}  // namespace

Story::Story(std::uint64_t seed, const Sabotage& sabotage) : seed_{seed}, sabotage_{sabotage}, engine_{seed} {
  for (std::size_t n = 0; n < 2; ++n)
    nodes_[n] = std::make_unique<SimNode>(
        n, sabotage_, [this, n](std::size_t path, std::vector<std::uint8_t> bytes) { send(n, path, std::move(bytes)); });
}

void Story::say(const std::string& what) {
  if (verbose) log.push_back(fmt::format("{:9.3f}  {}", std::chrono::duration<double>(now_ - Instant{1h}).count(), what));
}

void Story::boot(std::size_t node) {
  say(fmt::format("node {} boots", node));
  nodes_[node]->stalled = false;
  nodes_[node]->boot(++boots_, engine_(), now_);
}

void Story::send(std::size_t from, std::size_t path, std::vector<std::uint8_t> bytes) {
  if (chance(loss_[from][path])) return;
  const auto delay = std::chrono::microseconds{100 + pick(400)} + (chance(late_) ? std::chrono::milliseconds{pick(300)} : 0ms);
  if (chance(late_ / 4)) letters_.push({now_ + delay + 5ms, order_++, 1 - from, path, bytes});  // doubled
  letters_.push({now_ + delay, order_++, 1 - from, path, std::move(bytes)});
}

void Story::heal() {
  say("all paths heal");
  ++met_.heals;
  loss_ = {}, late_ = 0;
  for (auto& node : nodes_) {
    node->link.assign(kLans, true), node->witness.assign(kLans, true), node->stalled = false;
    if (node->frozen()) node->thaw(now_);
  }
}

void Story::happen() {
  const std::size_t node = pick(2), path = pick(kPaths), lan = pick(kLans);
  SimNode& one = *nodes_[node];
  switch (pick(13)) {
    case 0:
      say(fmt::format("node {} crashes", node)), ++met_.crashes;
      return one.crash();
    case 1:
    case 2:
      if (!one.alive()) boot(node);
      return;
    case 3:
      say(fmt::format("node {} freezes", node)), ++met_.freezes;
      return one.freeze();
    case 4:
      if (one.frozen()) say(fmt::format("node {} thaws", node)), one.thaw(now_);
      return;
    case 5:
      say(fmt::format("path {} one way from node {} is lost", path, node)), ++met_.one_way_faults;
      loss_[node][path] = 1;
      return;
    case 6:
      if (chance(0.5)) return say(fmt::format("node {} is mute on all paths", node)), ++met_.one_way_faults, loss_[node].fill(1);
      say("total partition"), ++met_.splits;
      for (auto& from : loss_) from.fill(1);
      return;
    case 7:
      loss_[node][path] = loss_[1 - node][path] = 0.3;
      return;
    case 8:
      late_ = 0.2;
      return;
    case 9:
    case 10:
      return heal();
    case 11:
      if (chance(0.5))
        say(fmt::format("node {} lan {} link {}", node, lan, !one.link[lan])), one.link[lan] = !one.link[lan], ++met_.link_faults;
      else if (one.alive()) say(fmt::format("node {} worker stall {}", node, !one.stalled)), one.stalled = !one.stalled, ++met_.stalls;
      return;
    default:
      if (one.half() != nullptr && !one.frozen() && one.serves(lan) && !one.half()->refuse_failover(lan, now_))
        say(fmt::format("failover of group {} asked of node {}", lan, node)), one.half()->fail_over(lan, false), ++met_.planned;
  }
}

// What this node says arrives, by some path.
bool Story::is_heard(std::size_t node) const {
  for (std::size_t path = 0; path < kPaths; ++path) {
    const bool link = path == ha::kSyncPath || (nodes_[0]->link[path - 1] && nodes_[1]->link[path - 1] && !nodes_[node]->stalled);
    if (link && loss_[node][path] == 0) return true;
  }
  return false;
}

bool Story::is_mute(std::size_t node) const {
  return std::all_of(loss_[node].begin(), loss_[node].end(), [](double lost) { return lost == 1; });
}

// Both run, and nothing lies between: each is heard by the other; or one is, and the other not at all.
bool Story::is_calm() const {
  if (!nodes_[0]->runs() || !nodes_[1]->runs() || late_ > 0) return false;
  if (is_heard(0) && is_heard(1)) return true;
  // An unfit node that hears nobody keeps what it has, so one fault at a time.
  const auto sound = [](const auto& node) { return !node->stalled && std::count(node->link.begin(), node->link.end(), false) == 0; };
  if (!std::all_of(nodes_.begin(), nodes_.end(), sound)) return false;
  return (is_heard(0) && is_mute(1)) || (is_heard(1) && is_mute(0));
}

std::optional<std::string> Story::judge() {
  if (!is_calm()) calm_since_.reset();
  else if (!calm_since_) calm_since_ = now_;
  for (std::size_t n = 0; n < 2; ++n) {
    if (!nodes_[n]->runs() || nodes_[1 - n]->alive()) alone_since_[n].reset();
    else if (!alone_since_[n]) alone_since_[n] = now_;
  }
  for (std::size_t g = 0; g < kGroups; ++g) {
    const std::size_t serving = static_cast<std::size_t>(nodes_[0]->serves(g)) + nodes_[1]->serves(g);
    for (std::size_t n = 0; n < 2; ++n) {
      if (nodes_[n]->serves(g) && !served_[n][g]) ++met_.takeovers, say(fmt::format("node {} serves group {}", n, g));
      if (!nodes_[n]->serves(g) && served_[n][g]) say(fmt::format("node {} no longer serves group {}", n, g));
      served_[n][g] = nodes_[n]->serves(g);
    }
    const bool odd = calm_since_ && now_ - *calm_since_ >= kSettle && serving != 1;
    if (!odd) odd_since_[g].reset();
    else if (!odd_since_[g]) odd_since_[g] = now_;
    if (odd_since_[g] && now_ - *odd_since_[g] > kOverlap)
      return fmt::format("group {} is served by {} nodes although one hears the other", g, serving);
    for (std::size_t n = 0; n < 2; ++n)
      if (alone_since_[n] && now_ - *alone_since_[n] > kAloneAtMost && !nodes_[n]->serves(g))
        return fmt::format("group {} is served by nobody although node {} is alone and well", g, n);
  }
  return std::nullopt;
}

void Story::step() {
  while (!letters_.empty() && letters_.top().arrives <= now_) {
    Letter letter = letters_.top();
    letters_.pop();
    nodes_[letter.to]->arrive(letter.path, std::move(letter.bytes), now_);
  }
  if ((now_ - Instant{1h}) % kTick == Nanoseconds{0})
    for (auto& node : nodes_) node->tick(now_);
}

std::optional<std::string> Story::tell() {
  boot(0);
  if (chance(0.8)) boot(1);
  const auto until = [&](Instant end, double events_a_second) -> std::optional<std::string> {
    for (; now_ < end; now_ = now_ + kStep) {
      if (chance(events_a_second * 0.002)) happen();
      step();
      if (auto wrong = judge())
        return fmt::format("seed {} at {:.3f} s: {}", seed_, std::chrono::duration<double>(now_ - Instant{1h}).count(), *wrong);
    }
    return std::nullopt;
  };
  if (auto wrong = until(now_ + kStoryTime, 0.6)) return wrong;
  heal();
  for (std::size_t n = 0; n < 2; ++n)
    if (!nodes_[n]->alive()) boot(n);
  return until(now_ + kQuiet, 0);
}

}  // namespace tandem::sim
