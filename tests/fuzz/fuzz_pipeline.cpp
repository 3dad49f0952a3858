// SPDX-License-Identifier: Apache-2.0
// Any sequence of frames, of time that passes, of backends that come and go and of groups that move between nodes, through the pipelines of
// two workers of one node. After every run: the balance holds, no buffer is lost (BareWorker judges both), the tables hold what was opened
// and not removed, what was given on whole is as it came, and nothing leaves with a wrong checksum that came with a right one.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "common/base/ensure.h"
#include "dataplane/forward/hold.h"
#include "tests/fuzz/frames.h"
#include "tests/support/bare_worker.h"
#include "tests/support/packet_text.h"

using namespace tandem;
using namespace tandem::test;
using tandem::fuzz::Choices;

namespace {

constexpr std::size_t kConnections = 20;  // so few that tables fill, and entries are evicted

[[noreturn]] void complain(const std::string& what_is_wrong) {
  std::fprintf(stderr, "%s\n", what_is_wrong.c_str());
  std::abort();
}

// Schedules take long to make, so every one that backends which come and go can ask for is made here, for all inputs.
void make_schedules(World& world) {
  for (unsigned gone = 0; gone < 8; ++gone) {
    for (WorldService& service : world.services)
      for (std::size_t i = 0; i < service.backends.size(); ++i)
        service.backends[i].state = (gone >> i & 1) != 0 ? BackendState::gone : BackendState::up;
    world.generation();
  }
  for (WorldService& service : world.services) {
    for (WorldBackend& backend : service.backends) backend.state = BackendState::up;
    service.turns.reset();
  }
}

World make_world() {
  World world = two_port_world();
  world.workers = 2;
  world.ports[0].vlans = {0, 1};
  world.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80", "10.0.1.99:80"}));
  world.services.push_back(nat_service("10.0.0.100:53", {"10.0.1.11:53", "10.0.1.12:53"}, Protocol::udp));
  world.services.push_back(nat_service("[fd00::100]:80", {"[fd01::11]:80", "[fd01::12]:80"}));
  world.services.push_back(nat_service("[fd00::100]:53", {"[fd01::11]:53", "[fd01::99]:53"}, Protocol::udp));
  world.services.push_back(nat_service("10.0.0.100:443", {"10.0.1.12:80", "10.0.1.13:8080"}));  // shares a backend with the first
  world.services.push_back(dsr_service("10.0.0.101:80", {"10.0.1.11:80", "10.0.1.13:80"}));
  world.services.push_back(dsr_service("[fd00::101]:53", {"[fd01::11]:53", "[fd01::13]:53"}, Protocol::udp));
  world.groups = {{Transit::drop}, {Transit::route}};
  world.pair = {true, 18264};
  for (const char* vip : {"10.0.0.100", "fd00::100"}) world.group_of[address(vip)] = GroupId{0};
  for (const char* vip : {"10.0.0.101", "fd00::101"}) world.group_of[address(vip)] = GroupId{1};
  for (PortView& port : world.ports)
    port.virtual_macs = {
        {mac(fuzz::kGroupMacs[0]), 0, GroupId{0}}, {mac(fuzz::kGroupMacs[1]), 1, GroupId{1}}, {mac(fuzz::kGroupMacs[2]), 0, GroupId{1}}};
  for (PortView& port : world.ports) port.peers = {{address("10.0.0.2"), 0, mac("02:00:00:00:00:51")}};
  world.services[1].scheduler = SchedulerKind::round_robin;
  world.services[2].scheduler = SchedulerKind::maglev;
  world.services[4].scheduler = SchedulerKind::source_hash;
  world.services[0].scheduler = SchedulerKind::least_connections, world.services[0].fallback = 4;
  world.services[0].reset_dead = world.services[2].reset_dead = true;
  world.services[6].one_packet = true;
  world.services[3].quic = QuicIdForm{0, 1, 4};
  for (std::uint8_t i = 0; i < 2; ++i) world.services[3].backends[i].server_id = {i};
  make_schedules(world);
  return world;
}

bool is_right(const Bytes& frame) { return to_line(frame).find("BAD-") == std::string::npos; }

class Node {
 public:
  Node() {
    for (BareWorker* worker : workers()) worker->take_roles({Roles::kUngrouped | 0b11, Roles::kUngrouped | 0b11, 0});
  }

  void pass_time(std::uint32_t ticks) {
    now_ = now_ + std::chrono::seconds{ticks};
    for (BareWorker* worker : workers()) worker->pass_time(ticks), worker->take_time(now_), worker->end_late_fragments();
  }

  void change_backend(Choices& choices) {
    WorldService& service = world_.services[choices.below(world_.services.size())];
    WorldBackend& backend = service.backends[choices.below(service.backends.size())];
    constexpr std::array kStates{BackendState::up, BackendState::draining, BackendState::disabled, BackendState::down, BackendState::gone};
    backend.state = choices.of(kStates);
    backend.cut = backend.state == BackendState::disabled;
    if (backend.state == BackendState::gone) ++backend.incarnation;  // as when the slot is given to another
    for (BareWorker* worker : workers()) worker->publish();
  }

  void change_roles(Choices& choices) {
    const auto groups = [&] { return std::uint32_t{choices.byte()} & 0b11; };
    const Roles roles{Roles::kUngrouped | groups(), Roles::kUngrouped | groups(), groups()};
    for (BareWorker* worker : workers()) worker->take_roles(roles);
  }

  void receive(Choices& choices) {
    BareWorker& worker = *workers()[choices.below(2)];
    const PortId port{static_cast<std::uint8_t>(choices.below(2))};
    std::vector<Bytes> frames;
    for (std::size_t left = 1 + choices.below(3); left != 0; --left)
      if (Bytes frame = fuzz::choose_frame(choices); !frame.empty()) frames.push_back(std::move(frame));
    if (frames.empty()) return;
    Outcome outcome = choices.one_in(4) ? receive_oddly(choices, worker, port, frames) : worker.receive(port, frames);
    came_.insert(came_.end(), frames.begin(), frames.end());
    settle(worker, frames, outcome);
  }

  void judge_tables() {
    std::uint64_t opened = 0, removed = 0, closed = 0, reopened = 0, held = 0, lingering = 0;
    for (BareWorker* worker : workers()) {
      for (const BackendCounters& backend : worker->backends()) {
        opened += backend.opened_entries.get(), removed += backend.removed_entries.get();
        closed += backend.closed_entries.get(), reopened += backend.reopened_or_ended.get();
      }
      held += worker->table4().size() + worker->table6().size();
      for (const ConnState state : {ConnState::time_wait, ConnState::reset})
        lingering += worker->table4().count(state) + worker->table6().count(state);
    }
    expect_equal("entries, by counters and by tables", opened - removed, held);
    expect_equal("closed entries, by counters and by tables", closed - reopened, lingering);
  }

 private:
  std::array<BareWorker*, 2> workers() { return {&first_, &second_}; }

  static void expect_equal(const char* what, std::uint64_t a, std::uint64_t b) {
    if (a != b) complain(std::string{what} + ": " + std::to_string(a) + " and " + std::to_string(b));
  }

  // One frame in two segments, or from the node's own kernel.
  static Outcome receive_oddly(Choices& choices, BareWorker& worker, PortId port, std::vector<Bytes>& frames) {
    frames.resize(1);
    const Bytes& frame = frames.front();
    if (frame.size() < 2 || choices.one_in(2)) return worker.receive_mbuf(port, to_mbuf(frame), Origin::injected);
    return worker.receive_mbuf(port, to_chain(frame, 1 + choices.below(frame.size() - 1)));
  }

  // A packet that waits for its neighbour, or belongs to the other worker, goes on; then everything is given back. Fragments are handed
  // over twice: to their datagram's worker and to their flow's.
  void settle(BareWorker& worker, const std::vector<Bytes>& came, Outcome& outcome, unsigned handed_before = 0) {
    judge(came, outcome);
    for (const Held& held : outcome.held) release_held(worker.generation(), held);
    ensure(handed_before < 2 || outcome.handed_over.empty());
    for (const Handover& handover : std::exchange(outcome.handed_over, {})) {
      BareWorker& owner = *workers()[index(handover.owner)];
      ensure(&owner != &worker);
      Outcome over_there = owner.receive_handed_over(handover);
      settle(owner, came, over_there, handed_before + 1);
    }
    outcome.release();
  }

  void judge(const std::vector<Bytes>& came, const Outcome& outcome) const {
    for (const Punted& punted : outcome.punted)  // a fragment perhaps later than it came
      if (!is_as_it_came(punted.frame, came_)) complain("punted otherwise than it came: " + to_line(punted.frame));
    if (!std::all_of(came.begin(), came.end(), is_right)) return;
    for (const Sent& sent : outcome.sent)
      if (!is_right(sent.frame)) complain("came right, was sent wrong: " + to_line(sent.frame) + "\ncame: " + to_line(came.front()));
  }

  static const World& model() {
    static const World made = make_world();
    return made;
  }

  World world_ = model();
  Instant now_;
  std::vector<Bytes> came_;
  BareWorker first_{world_, complain, WorkerId{0}, kConnections}, second_{world_, complain, WorkerId{1}, kConnections};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::size_t before = buffers_in_use();
  Choices choices{data, size};
  const auto node = std::make_unique<Node>();
  while (!choices.ended()) {
    const std::size_t step = choices.below(16);
    if (step == 15) node->pass_time(1U << choices.below(8));
    else if (step == 14) node->change_backend(choices);
    else if (step == 13) node->change_roles(choices);
    else node->receive(choices);
    node->judge_tables();
  }
  node->pass_time(1);
  ensure(buffers_in_use() == before);
  return 0;
}
