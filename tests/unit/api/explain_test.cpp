// SPDX-License-Identifier: Apache-2.0
// The sentence that says why a packet has its backend, for every scheduler and way of being decided.
#include <gtest/gtest.h>

#include "controlplane/api/describe_explanation.h"
#include "controlplane/api/explain_rule.h"
#include "tests/support/made_up_node.h"

namespace tandem {
namespace {

using enum SchedulerKind;

api::Contender up(const char* name, double turns = 0, api::Count connections = 0) { return {name, "up", true, turns, connections}; }
api::Contender out(const char* name, const char* state) { return {name, state, false, 0, 0}; }

class Rule : public testing::Test {
 protected:
  Rule() {
    flow.decides = true;
    named.service = named.lender = "web";
    chosen(up("a"), up("b"), up("a"));
  }
  void chosen(const api::Contender& first, const api::Contender& second, const api::Contender& taken) {
    named.first = first, named.second = second, named.chosen = taken;
  }
  std::string by(SchedulerKind kind) const { return rule_of(flow, named, kind); }

  ExplainedFlow flow;
  api::Explanation named;
};

TEST_F(Rule, ByTurns) {
  EXPECT_EQ(by(consistent_round_robin), "first candidate");
  chosen(up("a"), out("b", "down"), up("a"));
  EXPECT_EQ(by(consistent_round_robin), "first candidate; b is down");
  chosen(out("a", "draining"), up("b"), up("b"));
  EXPECT_EQ(by(consistent_round_robin), "second candidate: a is draining");
  chosen(up("a", 2.5), up("b", -0.5), up("b", -0.5));
  EXPECT_EQ(by(consistent_round_robin), "second candidate: a is 3.0 turns ahead of it");
  chosen(out("a", "down"), out("b", "disabled"), up("c"));
  EXPECT_EQ(by(consistent_round_robin), "next that is below the mean: a is down, b is disabled");
  chosen(up("a", 9), up("b", 10), up("c"));
  EXPECT_EQ(by(consistent_round_robin), "next that is below the mean: a is 9.0 turns above it");
}

TEST_F(Rule, ByTheOthers) {
  EXPECT_EQ(by(round_robin), "next in the rotation");
  EXPECT_EQ(by(single_writer), "the first that is in service");
  EXPECT_EQ(by(maglev), "first candidate");
  chosen(up("a", 0, 15), up("b", 0, 12), up("b", 0, 12));
  EXPECT_EQ(by(least_connections), "second candidate: 12 connections, a has 15");
  chosen(out("a", "down"), up("b"), up("b"));
  EXPECT_EQ(by(source_hash), "second candidate: a is down");
  EXPECT_EQ(by(least_connections), "second candidate: a is down");
  chosen(out("a", "down"), out("b", "down"), up("c"));
  EXPECT_EQ(by(maglev), "next in order: a is down, b is down");
}

TEST_F(Rule, WithoutASchedule) {
  flow.decides = false;
  EXPECT_EQ(by(maglev), "");
  flow.met = {.state = ConnState::established, .backend = BackendSlot{3}};
  flow.backend = BackendSlot{3};
  EXPECT_EQ(by(maglev), "its entry");
  flow.orphan = OrphanDecision::stateless_reply;
  EXPECT_EQ(by(maglev), "a reply of this service alone: translated back without an entry");
  flow.orphan = OrphanDecision::adopted_first_candidate;
  EXPECT_EQ(by(maglev), "met in mid-flow: first candidate");
  flow.orphan = OrphanDecision::forwarded_untracked, flow.failure = InsertFailure::half_open_quota;
  EXPECT_EQ(by(maglev), "forwarded without an entry (half-open connections have their quota): first candidate");
  flow.to_peer = true;
  EXPECT_EQ(by(maglev), "the other node decides");
}

TEST_F(Rule, ThatAnotherLent) {
  named.lender = "sorry";
  EXPECT_EQ(by(maglev), "first candidate; lent by the fallback");
  flow.failure = InsertFailure::reply_key_taken;
  EXPECT_EQ(by(maglev), "the client's port is taken at the one chosen first, by its connection to another VIP");
}

config::Config one_service() {
  config::Config config;
  config.node.name = "lb-a";
  config::Service web;
  web.name = "web";
  web.listen = {{Ipv4Address{Be32{0xcb00710a}}, 80, Protocol::tcp}};
  web.backend = {{"web-1", {Ipv4Address{Be32{0x0a000001}}, 80}, 1}};
  config.service = {web};
  return config;
}

TEST(Described, GetsItsNames) {
  test::MadeUpNode node{one_service()};
  node.board().find("web", "web-1")->slots = {BackendSlot{7}};
  node.counted.ports = {{.name = "outside"}, {.name = "inside"}};
  node.counted.workers = {{.worker = 0, .core = 4}};
  FlowQuestion question;
  question.source = {Ipv4Address{Be32{0xc6336407}}, 51514}, question.target = {Ipv4Address{Be32{0xcb00710a}}, 80};
  ExplainedFlow flow;
  flow.role = FlowRole::client, flow.tcp_flags = 0x02, flow.decides = true, flow.fate = FlowFate::sent, flow.out = PortId{1};
  flow.backend = BackendSlot{7}, flow.first = flow.chosen = {.slot = BackendSlot{7}, .live = true};
  flow.made = {.state = ConnState::half_open, .backend = BackendSlot{7}};
  const api::Explanation told = describe(flow, question, node);
  EXPECT_EQ(told.service, "web");
  EXPECT_EQ(told.lender, "web");
  EXPECT_EQ(told.packet, "SYN");
  EXPECT_EQ(told.port, "outside");
  EXPECT_EQ(told.core, 4U);
  EXPECT_EQ(told.first.backend, "web/web-1");
  EXPECT_EQ(told.second.backend, "");
  EXPECT_EQ(told.rule, "first candidate");
  EXPECT_EQ(told.becomes, "half-open");
  EXPECT_EQ(told.fate, "sent");
  EXPECT_EQ(told.out, "inside");
  EXPECT_EQ(told.source, "198.51.100.7:51514");
}

TEST(Described, ADropHasItsReasonAndWhatThatMeans) {
  test::MadeUpNode node{one_service()};
  ExplainedFlow flow;
  flow.fate = FlowFate::dropped, flow.reason = DropReason::no_service;
  const api::Explanation told = describe(flow, {}, node);
  EXPECT_EQ(told.fate, "dropped");
  EXPECT_EQ(told.reason, "no_service");
  EXPECT_NE(told.reason_text, "");
  EXPECT_EQ(told.service, "");
}

}  // namespace
}  // namespace tandem
