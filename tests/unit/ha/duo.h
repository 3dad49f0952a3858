// SPDX-License-Identifier: Apache-2.0
// Two nodes on a wire of our making: a manual clock, one hello at a time, paths that lose by direction. Nodes are 0 and 1; paths
// are the sync link (0) and LANs (1, 2).
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/ha/pair.h"

namespace tandem::ha::testing {

using namespace std::chrono_literals;

struct Side {
  std::unique_ptr<Pair> pair;
  Local local;
  bool running = true;  // false: frozen or dead
  Roles roles;
  std::vector<Change> changes;
  int announcements = 0, hellos = 0, adverts = 0, farewells = 0, wakes = 0;
};

class Duo {
 public:
  static constexpr std::size_t kPaths = 3;
  static constexpr auto kStep = 1ms;

  std::function<void(Plan&, std::size_t node)> change = [](Plan&, std::size_t) {};
  std::array<Side, 2> nodes;
  std::array<std::array<bool, kPaths>, 2> lost{};  // lost[from][path]
  std::array<bool, 2> adverts_lost{};              // by sender
  bool hellos_lost = false;                        // all of them, as without a session
  Instant now{1h};
  std::uint64_t boots = 100;

  Plan plan(std::size_t node) const {
    Plan out;
    out.interval = 50ms, out.start_delay = 5s, out.has_key = true, out.has_sync_path = true;
    out.lans = {{"outside", true}, {"inside", true}};
    out.groups = {{"blue", node == 0, {0, 1}}, {"green", node == 1, {0, 1}}};
    change(out, node);
    return out;
  }

  void start(std::size_t node) {
    Side& side = nodes[node];
    side = Side{};
    side.local.ready = true;
    side.local.lans = {{true, true, {address(node, 1)}}, {true, true, {address(node, 2)}}};
    side.pair = std::make_unique<Pair>(plan(node), ++boots, now);
  }
  void stop(std::size_t node) { nodes[node].running = false, nodes[node].pair.reset(), nodes[node].roles = {}; }
  void freeze(std::size_t node) { nodes[node].running = false; }
  void thaw(std::size_t node) { nodes[node].running = true; }

  void run(std::chrono::milliseconds time) {
    for (const Instant end = now + time; now < end; now = now + kStep) step();
  }
  // So long until `is_so`; -1 when it does not come.
  long run_until(std::chrono::milliseconds at_most, const std::function<bool()>& is_so) {
    const Instant begin = now;
    while (now - begin < at_most) {
      if (is_so()) return (now - begin) / 1ms;
      step();
      now = now + kStep;
    }
    return is_so() ? at_most / 1ms : -1;
  }

  Role role(std::size_t node, std::size_t group) const {
    return nodes[node].pair ? nodes[node].pair->groups()[group].role() : Role::starting;
  }
  bool serves(std::size_t node, std::size_t group) const {
    return nodes[node].pair && nodes[node].running && ha::serves(role(node, group));
  }
  std::string roles() const {  // "AS SA": node 0's roles in both groups, node 1's
    std::string out;
    for (std::size_t n = 0; n < 2; ++n) {
      for (std::size_t g = 0; g < 2; ++g) out += !nodes[n].pair ? '-' : "?SAY"[static_cast<std::size_t>(role(n, g))];
      if (n == 0) out += ' ';
    }
    return out;
  }
  Cause last_cause(std::size_t node, std::size_t group) const { return nodes[node].pair->groups()[group].last_cause(); }

  static IpAddress address(std::size_t node, std::size_t lan) {
    return Ipv4Address{Be32{static_cast<std::uint32_t>(0x0a000000 + (lan << 8) + node + 1)}};
  }

 private:
  void step() {
    for (std::size_t node = 0; node < 2; ++node)
      if (nodes[node].pair && nodes[node].running) tick(node);
  }

  void tick(std::size_t node) {
    Side& side = nodes[node];
    const Orders orders = side.pair->tick(side.local, now);
    side.roles = orders.roles;
    side.changes.insert(side.changes.end(), orders.changes.begin(), orders.changes.end());
    side.announcements += static_cast<int>(orders.announce.size()), side.wakes += orders.woke;
    if (orders.hello) ++side.hellos, send_hello(node);
    for (const Orders::Vrrp& advert : orders.adverts)
      ++side.adverts, side.farewells += advert.priority == kPriorityLeaving, send_advert(node, advert);
  }

  void send_hello(std::size_t node) {
    Side& other = nodes[1 - node];
    const std::optional<Hello> hello = decode_hello(encode(nodes[node].pair->own()));
    for (std::size_t path = 0; path < kPaths; ++path) {
      const bool link = path == kSyncPath || (nodes[node].local.lans[path - 1].link && (!other.pair || other.local.lans[path - 1].link));
      if (link && !hellos_lost && !lost[node][path] && other.pair && other.running && nodes[node].pair->plan().has_key)
        other.pair->hear_hello(path, *hello, now);
    }
  }

  void send_advert(std::size_t node, const Orders::Vrrp& order) {
    Side& other = nodes[1 - node];
    if (!other.pair || !other.running || adverts_lost[node]) return;
    for (std::size_t lan = 0; lan < 2; ++lan) {
      if (!nodes[node].local.lans[lan].link || !other.local.lans[lan].link || lost[node][lan + 1]) continue;
      other.pair->hear_advert(order.group, lan, {1, order.priority, nodes[node].pair->plan().interval, {}, {}}, address(node, lan + 1),
                              true, now);
    }
  }
};

}  // namespace tandem::ha::testing
