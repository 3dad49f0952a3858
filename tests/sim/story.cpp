// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/story.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::sim {
namespace {

constexpr auto kStep = 2ms, kTick = 10ms, kSpeak = 10ms, kDead = 150ms;
// Hearing each other for so long, exactly one serves; a planned move has both for the time of two hellos.
constexpr auto kSettle = 4 * kDead, kOverlap = 2 * kDead;
constexpr double kEventsASecond = 0.9;
constexpr auto kStoryTime = 40s, kAloneAtMost = 3s, kUnfitAtMost = 4s;
// As long as the longest hold-down that a minute's faults can earn, and a move back.
constexpr auto kQuiet = 170s, kHome = 3s, kRest = 2s;

}  // namespace

Story::Story(std::uint64_t seed) : seed_{seed}, engine_{seed} {
  for (std::size_t n = 0; n < 2; ++n)
    nodes_[n] =
        std::make_unique<SimNode>(n, [this, n](std::size_t path, std::vector<std::uint8_t> bytes) { send(n, path, std::move(bytes)); });
}

void Story::say(const std::string& what) {
  if (verbose) log.push_back(fmt::format("{:9.3f}  {}", std::chrono::duration<double>(now_ - Instant{1h}).count(), what));
}

void Story::boot(std::size_t node) {
  say(fmt::format("node {} boots", node));
  nodes_[node]->stalled = false;
  nodes_[node]->boot(++boots_, engine_(), 1 + (node + seed_) % 2, now_);  // the nodes need not have as many workers
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
      clients_.node_forgot(node);
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

bool Story::is_any_path_whole() const {
  const bool lans_work = !nodes_[0]->stalled && !nodes_[1]->stalled;
  for (std::size_t path = 0; path < kPaths; ++path) {
    const bool link = path == ha::kSyncPath || (lans_work && nodes_[0]->link[path - 1] && nodes_[1]->link[path - 1]);
    if (link && loss_[0][path] == 0 && loss_[1][path] == 0) return true;
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
  if (!nodes_[0]->knows_peer() || !nodes_[1]->knows_peer()) return false;
  return (is_heard(0) && is_mute(1)) || (is_heard(1) && is_mute(0));
}

bool Story::do_both_hear() const {
  return nodes_[0]->forwards() && nodes_[1]->forwards() && late_ == 0 && is_heard(0) && is_heard(1) && nodes_[0]->knows_peer() &&
         nodes_[1]->knows_peer();
}

// A take-over because of silence is false when the other ran, and some path was whole, all the time that the dead time looks back.
std::optional<std::string> Story::watch_roles(std::size_t node, std::size_t group) {
  const SimNode& one = *nodes_[node];
  const bool serves = one.serves(group), took = serves && !served_[node][group];
  if (took) ++met_.takeovers, say(fmt::format("node {} serves group {}", node, group));
  if (!serves && served_[node][group]) say(fmt::format("node {} no longer serves group {}", node, group));
  served_[node][group] = serves;
  if (took && one.cause(group) == ha::Cause::peer_silent && whole_.for_how_long(now_) > 2 * kDead &&
      running_[1 - node].for_how_long(now_) > 2 * kDead)
    return fmt::format("node {} took group {} because of a silence that was none", node, group);
  if (one.runs() && ((one.roles().active >> group & 1) != 0) != serves)
    return fmt::format("node {} tells its workers otherwise than it serves group {}", node, group);
  return std::nullopt;
}

void Story::look_around() {
  calm_.update(is_calm(), now_);
  both_hear_.update(do_both_hear(), now_);
  whole_.update(late_ == 0 && is_any_path_whole(), now_);
  for (std::size_t n = 0; n < 2; ++n) {
    alone_[n].update(nodes_[n]->runs() && !nodes_[1 - n]->alive(), now_);
    running_[n].update(nodes_[n]->runs(), now_);
    const auto fit = [](const SimNode& node) { return node.runs() && !node.stalled && node.link[0] && node.link[1]; };
    unfit_[n].update(calm_.is_so() && !fit(*nodes_[n]) && fit(*nodes_[1 - n]), now_);
  }
}

std::optional<std::string> Story::judge() {
  look_around();
  for (std::size_t g = 0; g < kGroups; ++g) {
    for (std::size_t n = 0; n < 2; ++n) {
      if (auto wrong = watch_roles(n, g)) return wrong;
      if (nodes_[n]->late_beats() != 0) return fmt::format("a heartbeat of node {} left after its deadline", n);
    }
    const std::size_t serving = static_cast<std::size_t>(nodes_[0]->serves(g)) + nodes_[1]->serves(g);
    odd_[g].update(calm_.for_how_long(now_) >= kSettle && serving != 1, now_);
    if (odd_[g].for_how_long(now_) > kOverlap)
      return fmt::format("group {} is served by {} nodes although one hears the other", g, serving);
    for (std::size_t n = 0; n < 2; ++n) {
      if (alone_[n].for_how_long(now_) > kAloneAtMost && !nodes_[n]->serves(g))
        return fmt::format("group {} is served by nobody although node {} is alone and well", g, n);
      if (alone_[n].for_how_long(now_) > kAloneAtMost && nodes_[n]->roles().on_peer != 0)
        return fmt::format("node {} hands packets to the dead", n);
      if (unfit_[n].for_how_long(now_) > kUnfitAtMost && nodes_[n]->serves(g))
        return fmt::format("group {} is served by node {} although that is unfit and the other is not", g, n);
    }
  }
  return std::nullopt;
}

// After a quiet time every group is with the node that it prefers, but for those that an operator moved.
bool Story::is_home() const {
  for (std::size_t g = 0; g < kGroups; ++g) {
    const bool here = nodes_[g]->serves(g), away = nodes_[g]->sent_away(g) && nodes_[1 - g]->serves(g);
    if (here == away) return false;
  }
  return true;
}

std::optional<std::string> Story::judge_end() const {
  for (std::size_t g = 0; g < kGroups; ++g)
    if (!nodes_[g]->serves(g) && !nodes_[g]->sent_away(g))
      return fmt::format("seed {}: group {} has not come back to node {}", seed_, g, g);
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

// One step of time. What is broken is told with its seed and moment.
std::optional<std::string> Story::live(double events_a_second) {
  if (events_a_second > 0 && chance(events_a_second * std::chrono::duration<double>(kStep).count())) happen();
  step();
  auto wrong = judge();
  if (!wrong && (now_ - Instant{1h}) % kSpeak == Nanoseconds{0}) wrong = clients_.act(now_, both_hear_.for_how_long(now_));
  if (wrong) return fmt::format("seed {} at {:.3f} s: {}", seed_, std::chrono::duration<double>(now_ - Instant{1h}).count(), *wrong);
  now_ = now_ + kStep;
  return std::nullopt;
}

std::optional<std::string> Story::trouble() {
  boot(0);
  if (chance(0.8)) boot(1);
  for (const Instant end = now_ + kStoryTime; now_ < end;)
    if (auto wrong = live(kEventsASecond)) return wrong;
  heal();
  for (std::size_t n = 0; n < 2; ++n)
    if (!nodes_[n]->alive()) boot(n);
  return std::nullopt;
}

// Until all has been where it belongs for a while; for so long at most, as the longest hold-down lasts.
std::optional<std::string> Story::calm_down() {
  for (const Instant end = now_ + kQuiet; now_ < end && home_.for_how_long(now_) < kHome; home_.update(is_home(), now_))
    if (auto wrong = live(0)) return wrong;
  return judge_end();
}

// Clients fall silent, so that both tables can become equal.
std::optional<std::string> Story::compare() {
  clients_.settle();
  std::optional<std::string> differ = clients_.compare_tables();
  for (const Instant end = now_ + kRest; now_ < end && differ; differ = clients_.compare_tables())
    if (auto wrong = live(0)) return wrong;
  return differ ? std::optional{fmt::format("seed {}: {}", seed_, *differ)} : std::nullopt;
}

std::optional<std::string> Story::tell() {
  auto wrong = trouble();
  if (!wrong) wrong = calm_down();
  if (!wrong) wrong = compare();
  met_.adoptions = clients_.adopted(), met_.contests = clients_.contested();
  return wrong;
}

}  // namespace tandem::sim
