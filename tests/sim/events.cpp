// SPDX-License-Identifier: Apache-2.0
// What chance does to the nodes and to what lies between them.
#include <fmt/format.h>

#include "tests/sim/story.h"

namespace tandem::sim {
namespace {

// How often each is met, beside the others, in the order of Event.
constexpr std::array<double, static_cast<std::size_t>(Event::count_)> kUsual{1, 2, 1, 1, 1, 0.5, 0.5, 1, 1, 2, 0.5, 0.5, 1};

}  // namespace

// What ends trouble is as frequent in every seed: a story that ends in a stand-still shows nothing.
void Story::take_temper() {
  std::array<double, kUsual.size()> weights = kUsual;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto event = static_cast<Event>(i);
    if (event == Event::boot || event == Event::thaw || event == Event::heal) continue;
    constexpr std::array<double, 4> kTempers{0.2, 1, 1, 3};
    weights[i] *= kTempers[pick(kTempers.size())];
  }
  temper_ = {weights.begin(), weights.end()};
}

void Story::boot(std::size_t node) {
  say(fmt::format("node {} boots", node));
  nodes_[node]->stalled = false;
  const std::size_t workers = 1 + (node + seed_) % 2;  // the nodes have not as many
  nodes_[node]->boot(++boots_, engine_(), workers, now_);
}

void Story::crash(std::size_t node) {
  say(fmt::format("node {} crashes", node)), ++met_.crashes;
  clients_.node_forgot(node);
  nodes_[node]->crash();
}

void Story::heal() {
  say("all heals"), ++met_.heals;
  wires_.heal();
  for (auto& node : nodes_) {
    node->link.assign(kLans, true), node->witness.assign(kLans, true), node->stalled = false;
    if (node->frozen()) node->thaw(now_);
  }
}

void Story::break_link(std::size_t node, std::size_t lan) {
  const bool up = nodes_[node]->link[lan];
  say(fmt::format("node {} lan {} link {}", node, lan, up ? "down" : "up")), ++met_.link_faults;
  nodes_[node]->link[lan] = !up;
}

void Story::stall(std::size_t node) {
  if (!nodes_[node]->alive()) return;
  bool& stalled = nodes_[node]->stalled;
  say(fmt::format("the workers of node {} {}", node, stalled ? "move" : "stand still")), ++met_.stalls;
  stalled = !stalled;
}

void Story::fail_over(std::size_t node, std::size_t group) {
  SimNode& one = *nodes_[node];
  if (!one.runs() || !one.serves(group) || one.half()->refuse_failover(static_cast<GroupId>(group), now_)) return;
  say(fmt::format("failover of group {} asked of node {}", group, node)), ++met_.planned;
  one.half()->fail_over(static_cast<GroupId>(group), false);
}

void Story::happen(Event event) {
  const std::size_t node = pick(2), path = pick(kPaths), lan = pick(kLans);
  switch (event) {
    case Event::crash:
      return crash(node);
    case Event::boot:
      return nodes_[node]->alive() ? void() : boot(node);
    case Event::freeze:
      say(fmt::format("node {} freezes", node)), ++met_.freezes;
      return nodes_[node]->freeze();
    case Event::thaw:
      say(fmt::format("node {} thaws", node));
      return nodes_[node]->frozen() ? nodes_[node]->thaw(now_) : void();
    case Event::one_way:
      say(fmt::format("path {} is lost one way, from node {}", path, node)), ++met_.one_way_faults;
      return wires_.lose(node, path, 1);
    case Event::mute:
      say(fmt::format("node {} is mute on all paths", node)), ++met_.one_way_faults;
      return wires_.mute(node);
    case Event::partition:
      say("total partition"), ++met_.splits;
      return wires_.mute(0), wires_.mute(1);
    case Event::loss:
      say(fmt::format("path {} loses much", path));
      return wires_.lose(0, path, 0.3), wires_.lose(1, path, 0.3);
    case Event::late:
      say("letters come late");
      return wires_.be_late(0.2);
    case Event::heal:
      return heal();
    case Event::link:
      return break_link(node, lan);
    case Event::stall:
      return stall(node);
    case Event::failover:
      return fail_over(node, lan);
    case Event::count_:
      return;
  }
}

}  // namespace tandem::sim
