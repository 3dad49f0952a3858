// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/scenario.h"

#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

void append(Lines& lines, const Lines& more) { lines.insert(lines.end(), more.begin(), more.end()); }

std::string drop_line(DropReason reason) { return "drop " + std::string{name_of(reason)}; }

}  // namespace

Scenario::Scenario(World another_site, std::size_t connections) : world{std::move(another_site)}, connections_{connections} { begin(); }

Scenario::~Scenario() = default;

void Scenario::begin(Tick start) {
  members_.clear(), tallies_.clear();
  for (std::size_t i = 0; i < world.workers; ++i) {
    members_.push_back({std::make_unique<TestWorker>(world, static_cast<WorkerId>(i), connections_, start)});
    tallies_.push_back(members_.back().worker->backends().data());
  }
  for (Member& member : members_) member.worker->see(tallies_);
  seen_ = {};
}

void Scenario::TearDown() {
  tell_what_was_seen();
  expect_whole();
  expect_entries();
  pass_time(2);  // what waits for a first fragment
  for (Member& member : members_) member.held->clear([](rte_mbuf* mbuf) { rte_pktmbuf_free(mbuf); });
  for (const Handover& handover : in_flight_) rte_pktmbuf_free(handover.mbuf);
  EXPECT_EQ(buffers_in_use(), 0U) << "a buffer was lost";
}

void Scenario::tell_what_was_seen() const {
  std::string drops;
  for (const std::string& reason : drops_) drops += reason + " ";
  RecordProperty("drops", drops);
  RecordProperty("cells", cells_.text());
}

void Scenario::expect_whole() const {
  std::vector<const WorkerCounters*> counters;
  for (const Member& member : members_) counters.push_back(&member.worker->counters());
  Balance seen = seen_;
  seen.held += fragments_held();
  if (const std::string missing = what_is_missing(seen, counters); !missing.empty()) ADD_FAILURE() << missing;
}

Lines Scenario::receive(PortId port, const std::vector<Bytes>& burst, std::size_t worker) {
  Member& member = members_.at(worker);
  seen_.rx += burst.size();
  const std::size_t held = fragments_held();
  Outcome outcome = member.worker->receive(port, burst);
  if (fragments_held() > held) waited_.insert(waited_.end(), burst.begin(), burst.end());
  expect_same_frames(outcome, burst);
  if (burst.size() == 1) cells_.see(world, burst.front(), 1, outcome);
  return settle(member, std::move(outcome));
}

Lines Scenario::receive_mbuf(PortId port, rte_mbuf* mbuf) {
  ++seen_.rx;
  const Bytes frame = bytes_of(mbuf);
  const std::size_t segments = mbuf->nb_segs;
  Outcome outcome = members_.front().worker->receive_mbuf(port, mbuf);
  cells_.see(world, frame, segments, outcome);
  return settle(members_.front(), std::move(outcome));
}

Lines Scenario::kernel_sends(PortId port, const Frame& frame) {
  ++seen_.injected;
  return settle(members_.front(), members_.front().worker->receive_mbuf(port, to_mbuf(frame.bytes()), Origin::injected));
}

Lines Scenario::deliver() {
  Lines lines;
  for (; !in_flight_.empty(); in_flight_.pop_front()) {
    ++seen_.handed_in;
    Member& owner = members_.at(index(in_flight_.front().owner));
    const Bytes frame = bytes_of(in_flight_.front().mbuf);
    Outcome outcome = owner.worker->receive_handed_over(in_flight_.front());
    cells_.see(world, frame, 1, outcome);
    append(lines, settle(owner, std::move(outcome)));
  }
  return lines;
}

// As the worker does once the pipeline is through: what leaves is gone, the rest is kept or carried.
Lines Scenario::settle(Member& member, Outcome outcome) {
  seen_.sent += outcome.sent.size();
  if (!outcome.sent.empty()) last_frame_ = outcome.sent.back().frame;
  seen_.punted += outcome.punted.size();
  seen_.to_pair += outcome.to_pair.size();
  seen_.handed_out += outcome.handed_over.size();
  for (const auto& dropped : outcome.dropped) drops_.insert(dropped.first);
  in_flight_.insert(in_flight_.end(), outcome.handed_over.begin(), outcome.handed_over.end());
  Lines refused;
  std::erase_if(outcome.held, [&](const Held& held) {
    if (member.held->add(held, now_)) return !++seen_.held;
    rte_pktmbuf_free(held.mbuf);
    give_up(DropReason::hold_full);
    refused.push_back(drop_line(DropReason::hold_full));
    return true;
  });
  Lines lines = outcome.lines();
  append(lines, refused);
  return lines;
}

void Scenario::give_up(DropReason reason) {
  const std::string name{name_of(reason)};
  ++seen_.given_up[name];
  drops_.insert(name);
}

Lines Scenario::retry_held() {
  Lines lines;
  const auto done = [&](rte_mbuf* mbuf, const Release& release) {
    --seen_.held;
    const Bytes frame = take(mbuf);
    if (release.verdict == Verdict::transmit) {
      ++seen_.sent;
      lines.push_back("p" + std::to_string(index(release.port)) + ": " + to_line(frame));
    } else {
      give_up(release.reason);
      lines.push_back(drop_line(release.reason));
    }
  };
  for (Member& member : members_) member.held->retry(member.worker->generation(), now_, done);
  return lines;
}

Lines Scenario::publish() {
  for (Member& member : members_) member.worker->publish();
  return retry_held();
}

Lines Scenario::pass_time(std::uint32_t seconds) {
  now_ = now_ + std::chrono::seconds{seconds};
  Lines lines;
  for (Member& member : members_) {
    member.worker->pass_time(seconds), member.worker->take_time(now_);
    append(lines, settle(member, member.worker->end_late_fragments()));
  }
  append(lines, retry_held());
  return lines;
}

Lines Scenario::sweep() {
  Lines lines;
  for (Member& member : members_)
    while (member.cutter->turn(member.worker->context())) append(lines, settle(member, member.worker->send_own_segments()));
  return lines;
}

void Scenario::order_cut(const CutOrder& order) {
  for (Member& member : members_) EXPECT_TRUE(member.cutter->orders().push(order));
}

void Scenario::restart(Tick start) {
  expect_whole();
  expect_entries();
  begin(start);
}

void Scenario::set_state(unsigned server, BackendState state) {
  for (WorldService& service : world.services) service.backends[server - kServers[0]].state = state;
  publish();
}

void Scenario::forget_neighbour(const std::string& gone) {
  std::erase_if(world.neighbours, [&](const WorldNeighbour& neighbour) { return neighbour.address == address(gone); });
}

void Scenario::learn_neighbour(const std::string& known, std::string_view at, PortId port) {
  forget_neighbour(known);
  world.neighbours.push_back({address(known), mac(at), port, 0});
}

void Scenario::take_roles(const Roles& roles) {
  for (Member& member : members_) member.worker->take_roles(roles);
}

void Scenario::receiver_owns_one_way(PortId port) {
  for (Member& member : members_) member.worker->receiver_owns_one_way(port);
}

void Scenario::expect_same_frames(const Outcome& outcome, const std::vector<Bytes>& burst) const {
  for (const Punted& punted : outcome.punted)
    EXPECT_TRUE(is_as_it_came(punted.frame, burst) || is_as_it_came(punted.frame, waited_))
        << "punted, but changed: " << to_line(punted.frame);
}

}  // namespace tandem::test
