// SPDX-License-Identifier: Apache-2.0
// A story of packets through the production pipeline: who sends what, what leaves where, what was counted. The scenario plays
// the worker's part around the pipeline: it carries what is handed over, and keeps what waits for a neighbour in a HoldQueue.
// After every scenario the whole balance must hold, entries must be as many as the backends' counters say, and every buffer
// must have come back.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/worker/cutter.h"
#include "dataplane/worker/hold_queue.h"
#include "tests/packet/balance.h"
#include "tests/packet/cells.h"
#include "tests/packet/site.h"
#include "tests/support/test_worker.h"

namespace tandem::test {

// What stands between the " | " of a packet's line.
inline std::vector<std::string> parts_of(std::string_view line) {
  constexpr std::string_view kBar = " | ";
  std::vector<std::string> parts;
  for (std::size_t end; (end = line.find(kBar)) != line.npos; line.remove_prefix(end + kBar.size()))
    parts.emplace_back(line.substr(0, end));
  parts.emplace_back(line);
  return parts;
}

class Scenario : public testing::Test {
 protected:
  static constexpr std::size_t kConnections = 4000;  // a flood begins at 750 half-open

  explicit Scenario(std::size_t workers = 1, std::size_t connections = kConnections) : Scenario{site(workers), connections} {}
  explicit Scenario(World another_site, std::size_t connections = kConnections);  // each of whose services has all three servers
  ~Scenario() override;
  void TearDown() override;

  // Who sends what. Each tells what came of it, in the words of Outcome::lines().
  Lines client_sends(const Frame& frame) { return receive(kP0, {frame.bytes()}); }
  Lines server_sends(const Frame& frame) { return receive(kP1, {frame.bytes()}); }
  Lines receive(PortId port, const std::vector<Bytes>& burst, std::size_t worker = 0);
  Lines receive_mbuf(PortId port, rte_mbuf* mbuf);
  Lines kernel_sends(PortId port, const Frame& frame);  // by the twin

  // What happens besides.
  Lines deliver();                                      // what was handed over reaches its owners
  Lines publish();                                      // the world as it is now; who waited for a neighbour looks again
  Lines pass_time(std::uint32_t seconds);               // idle connections end, and the patience of held packets
  Lines sweep();                                        // the workers go through their tables for those that are to be cut
  void order_cut(const CutOrder& order);                // an operator's
  void restart(Tick start = 0);                         // the workers begin anew, with nothing remembered
  void set_state(unsigned server, BackendState state);  // at every service, and published
  void forget_neighbour(const std::string& address);    // these three: published by publish()
  void learn_neighbour(const std::string& address, std::string_view mac, PortId port);
  void receiver_owns_one_way(PortId port);
  void take_roles(const Roles& roles);

  // Handshake, or question and answer, every packet seen to leave as it must. Tells which server has it.
  unsigned opens(const Flow& flow);
  static unsigned server_of(const Lines& lines);  // whom the one packet was sent to; 0: nobody

  // What was counted, over all workers since they began; at one server, or at all of a service's.
  std::uint64_t counted(Counter WorkerCounters::*which) const;
  std::uint64_t counted(Service service, unsigned server, Counter BackendCounters::*which) const;
  std::uint64_t counted(Service service, Counter BackendCounters::*which) const;
  std::uint64_t counted(DropReason reason) const;
  std::uint64_t counted(RemoveReason reason) const;
  std::uint64_t counted(InsertFailure failure) const;
  std::uint64_t counted(OrphanDecision decision) const;
  std::uint64_t counted(IcmpErrorFate fate) const;
  std::uint64_t counted(OwnSegmentKind kind) const;
  std::uint64_t counted(ClientAddressFate fate) const;
  std::uint64_t entries() const;
  std::uint64_t entries(ConnState state) const;
  std::uint64_t entries_of(std::size_t worker) const;
  std::size_t fragments_held() const;

  const Bytes& last_frame() const { return last_frame_; }  // of those that left, for what a line does not tell

  TestWorker& worker(std::size_t number = 0) { return *members_.at(number).worker; }

  World world;

 private:
  struct Member {  // one worker, with what the scenario keeps for it
    std::unique_ptr<TestWorker> worker;
    std::unique_ptr<HoldQueue> held = std::make_unique<HoldQueue>();
    std::unique_ptr<Cutter> cutter = std::make_unique<Cutter>();
  };
  void begin(Tick start = 0);
  Lines settle(Member& member, Outcome outcome);
  Lines retry_held();
  void give_up(DropReason reason);
  void expect_whole() const;    // the balance
  void expect_entries() const;  // tables and backends' counters agree
  void expect_same_frames(const Outcome& outcome, const std::vector<Bytes>& burst) const;
  void tell_what_was_seen() const;  // to the report, for scripts/lib/packet_matrix.py

  std::size_t connections_;
  std::vector<Member> members_;
  std::vector<const BackendCounters*> tallies_;
  std::deque<Handover> in_flight_;
  Balance seen_;
  CellsSeen cells_;
  std::set<std::string> drops_;  // by name
  Bytes last_frame_;
  std::vector<Bytes> waited_;  // bursts of which fragments were held
  Instant now_;
};

}  // namespace tandem::test
