// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/watcher.h"

#include <fmt/format.h>

#include <algorithm>

namespace tandem::sim {
namespace {

constexpr auto kDead = 150ms;
// Hearing each other for so long, exactly one serves; a planned move has both for the time of two hellos.
constexpr auto kSettle = 4 * kDead, kOverlap = 2 * kDead;
constexpr auto kAloneAtMost = 3s, kUnfitAtMost = 4s;

bool is_sound(const SimNode& node) { return !node.stalled && node.link[0] && node.link[1]; }

}  // namespace

// What this node says arrives, by some path.
bool Watcher::is_heard(std::size_t node) const {
  for (std::size_t path = 0; path < kPaths; ++path) {
    const bool link = path == ha::kSyncPath || (nodes_[0]->link[path - 1] && nodes_[1]->link[path - 1] && !nodes_[node]->stalled);
    if (link && wires_.carries(node, path)) return true;
  }
  return false;
}

bool Watcher::is_any_path_whole() const {
  const bool lans_work = !nodes_[0]->stalled && !nodes_[1]->stalled;
  for (std::size_t path = 0; path < kPaths; ++path) {
    const bool link = path == ha::kSyncPath || (lans_work && nodes_[0]->link[path - 1] && nodes_[1]->link[path - 1]);
    if (link && wires_.carries(0, path) && wires_.carries(1, path)) return true;
  }
  return false;
}

// Both run, and nothing lies between: each is heard by the other; or one is, and the other not at all.
bool Watcher::is_calm() const {
  if (!nodes_[0]->runs() || !nodes_[1]->runs() || !wires_.in_time()) return false;
  if (is_heard(0) && is_heard(1)) return true;
  // An unfit node that hears nobody keeps what it has, so one fault at a time.
  if (!is_sound(*nodes_[0]) || !is_sound(*nodes_[1])) return false;
  if (!nodes_[0]->knows_peer() || !nodes_[1]->knows_peer()) return false;
  return (is_heard(0) && wires_.is_mute(1)) || (is_heard(1) && wires_.is_mute(0));
}

bool Watcher::do_both_hear() const {
  const auto is_ready = [](const auto& node) { return node->forwards() && node->knows_peer(); };
  return std::all_of(nodes_.begin(), nodes_.end(), is_ready) && wires_.in_time() && is_heard(0) && is_heard(1);
}

void Watcher::look_around(Instant now) {
  calm_.update(is_calm(), now);
  both_hear_.update(do_both_hear(), now);
  whole_.update(wires_.in_time() && is_any_path_whole(), now);
  home_.update(!find_homeless(), now);
  for (std::size_t n = 0; n < 2; ++n) {
    alone_[n].update(nodes_[n]->runs() && !nodes_[1 - n]->alive(), now);
    running_[n].update(nodes_[n]->runs(), now);
    const auto is_fit = [](const SimNode& node) { return node.runs() && is_sound(node); };
    unfit_[n].update(calm_.is_so() && !is_fit(*nodes_[n]) && is_fit(*nodes_[1 - n]), now);
  }
}

// A take-over because of silence is false when the other ran, and some path was whole, all the time that the dead time looks back.
std::optional<std::string> Watcher::watch_roles(std::size_t node, std::size_t group, Instant now) {
  const SimNode& one = *nodes_[node];
  const bool serves = one.serves(group), took = serves && !served_[node][group];
  if (took) ++takeovers_;
  if (serves != served_[node][group]) say_(fmt::format("node {} {} group {}", node, serves ? "serves" : "no longer serves", group));
  served_[node][group] = serves;
  if (took && one.cause(group) == ha::Cause::peer_silent && whole_.for_how_long(now) > 2 * kDead &&
      running_[1 - node].for_how_long(now) > 2 * kDead)
    return fmt::format("node {} took group {} because of a silence that was none", node, group);
  if (one.runs() && ((one.roles().active >> group & 1) != 0) != serves)
    return fmt::format("node {} tells its workers otherwise than it serves group {}", node, group);
  return std::nullopt;
}

std::optional<std::string> Watcher::judge_node(std::size_t node, Instant now) const {
  if (nodes_[node]->late_beats() != 0) return fmt::format("a heartbeat of node {} left after its deadline", node);
  if (alone_[node].for_how_long(now) > kAloneAtMost && nodes_[node]->roles().on_peer != 0)
    return fmt::format("node {} hands packets to the dead", node);
  return std::nullopt;
}

std::optional<std::string> Watcher::judge_service(std::size_t node, std::size_t group, Instant now) const {
  if (alone_[node].for_how_long(now) > kAloneAtMost && !nodes_[node]->serves(group))
    return fmt::format("group {} is served by nobody although node {} is alone and well", group, node);
  if (unfit_[node].for_how_long(now) > kUnfitAtMost && nodes_[node]->serves(group))
    return fmt::format("group {} is served by node {} although that is unfit and the other is not", group, node);
  return std::nullopt;
}

std::optional<std::string> Watcher::look(Instant now) {
  look_around(now);
  std::optional<std::string> wrong;
  for (std::size_t n = 0; n < 2 && !wrong; ++n) wrong = judge_node(n, now);
  for (std::size_t g = 0; g < kGroups && !wrong; ++g) {
    for (std::size_t n = 0; n < 2 && !wrong; ++n) {
      wrong = watch_roles(n, g, now);
      if (!wrong) wrong = judge_service(n, g, now);
    }
    const std::size_t serving = static_cast<std::size_t>(nodes_[0]->serves(g)) + nodes_[1]->serves(g);
    odd_[g].update(calm_.for_how_long(now) >= kSettle && serving != 1, now);
    if (!wrong && odd_[g].for_how_long(now) > kOverlap)
      wrong = fmt::format("group {} is served by {} nodes although one hears the other", g, serving);
  }
  return wrong;
}

// But for those that an operator moved.
std::optional<std::string> Watcher::find_homeless() const {
  for (std::size_t g = 0; g < kGroups; ++g)
    if (!nodes_[g]->serves(g) && !nodes_[g]->sent_away(g)) return fmt::format("group {} has not come back to node {}", g, g);
  return std::nullopt;
}

}  // namespace tandem::sim
