// SPDX-License-Identifier: Apache-2.0
// explain(x) is what packet x then does: for flows, states, schedulers and methods drawn by chance, a packet is explained, then sent,
// and must leave byte for byte as it was told. Nothing else happens in between, so turns stand still (operations.md 2.7).
#include <random>

#include "dataplane/pipeline/probe.h"
#include "dataplane/pipeline/rehearsal.h"
#include "tests/packet/pair_site.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

constexpr SchedulerKind kSchedulers[] = {SchedulerKind::consistent_round_robin, SchedulerKind::round_robin, SchedulerKind::maglev,
                                         SchedulerKind::least_connections,      SchedulerKind::source_hash, SchedulerKind::single_writer};

constexpr std::size_t kTwin = 13, kSorry = 15;  // places of two that are added below

std::string line_of(const ExplainedFlow& told) {
  const std::string at = "p" + std::to_string(index(told.fate == FlowFate::sent ? told.out : told.port)) + ": ";
  switch (told.fate) {
    case FlowFate::sent:
      return at + to_line(told.frame);
    case FlowFate::punted:
      return "punt " + std::string{kPuntClassNames[static_cast<std::size_t>(told.punt_class)]} + " " + at + to_line(told.frame);
    case FlowFate::held:
      return "hold";
    case FlowFate::dropped:
      return told.reason == DropReason::count_ ? "drop for no reason" : "drop " + std::string{name_of(told.reason)};
    default:
      return "something else";
  }
}

class ExplainStories : public Scenario {
 protected:
  explicit ExplainStories(std::size_t workers = 1, std::size_t connections = 1000) : Scenario{workers, connections} {
    for (const char* pool : {"10.0.1.240", "10.0.1.241", "fd01::240"}) world.pools.push_back({address(pool)});
    const std::vector<std::string> servers{"10.0.1.11:9000", "10.0.1.12:9000", "10.0.1.13:9000"};
    const std::vector<std::string> servers6{"[fd01::11]:9000", "[fd01::12]:9000", "[fd01::13]:9000"};
    world.services.push_back(full_nat_service("10.0.0.103:80", servers));
    world.services.push_back(full_nat_service("10.0.0.103:53", servers6, Protocol::udp));
    world.services.push_back(full_nat_service("[fd00::103]:80", servers));
    world.services.push_back(tunnel_service("10.0.0.104:80", servers, TunnelKind::ipip));
    world.services.push_back(tunnel_service("[fd00::104]:80", servers, TunnelKind::gue_header));
    world.services.push_back(nat_service("10.0.0.105:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));  // kWeb's servers
    world.services.push_back(nat_service("10.0.0.106:80", {"10.0.1.11:9100", "10.0.1.12:9100", "10.0.1.13:9100"}));
    world.services.back().fallback = kSorry;
    world.services.push_back(nat_service("10.0.0.107:80", {"10.0.1.11:9200", "10.0.1.12:9200", "10.0.1.13:9200"}));
    publish();
  }

  FlowQuestion to_vip(std::size_t service, const std::string& client, std::uint16_t port) const {
    const WorldService& to = world.services[service];
    return {.protocol = to.protocol, .source = {address(client), port}, .target = to.listen};
  }

  ExplainedFlow explained(const FlowQuestion& question) {
    std::vector<std::unique_ptr<FlowGlance>> glances;
    const Generation& generation = worker().generation();
    for (std::size_t w = 0; w < world.workers; ++w) {
      glances.push_back(std::make_unique<FlowGlance>(generation, *worker().context().hasher, question));
      glances.back()->look(worker(w).context());
    }
    return rehearse(generation, find_glance(generation, glances), to_mbuf);
  }

  // The packet that was asked about, by `receiver`; what is handed over arrives.
  Lines comes(const FlowQuestion& question, const ExplainedFlow& told, std::size_t receiver = 0) {
    const Probe probe = make_probe(worker().generation(), question, told.tcp_flags);
    Lines lines = receive(probe.port, {probe.frame}, receiver);
    const Lines later = deliver();
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("hand over"); });
    lines.insert(lines.end(), later.begin(), later.end());
    for (std::string& line : lines)
      if (line.starts_with("hold for")) line = "hold";
    return lines;
  }

  std::vector<TurnTime> turns() const {
    std::vector<TurnTime> all;
    for (const WorldService& service : world.services) {
      for (std::size_t i = 0; i < service.turns->size(); ++i) all.push_back(service.turns->time(static_cast<MemberIndex>(i)));
      all.insert(all.end(), {service.turns->mean(), service.turns->rotation(), service.turns->spill()});
    }
    return all;
  }

  // The property. What is told is looked at before it comes true.
  ExplainedFlow holds_for(const FlowQuestion& question, std::size_t receiver = 0) {
    const std::vector<TurnTime> before = turns();
    const std::uint64_t entries_before = entries();
    const ExplainedFlow told = explained(question);
    EXPECT_EQ(turns(), before) << "explaining takes no turn";
    EXPECT_EQ(entries(), entries_before) << "nor does it insert";
    const Lines lines = comes(question, told, receiver);
    EXPECT_EQ(lines, Lines{line_of(told)});
    const ExplainedFlow after = explained(question);
    EXPECT_EQ(after.met.state, told.made.state) << "the entry that was foretold";
    EXPECT_EQ(after.met.backend, told.made.backend);
    EXPECT_EQ(after.met.flags, told.made.flags);
    return told;
  }

  void choose_by(SchedulerKind kind) {
    for (WorldService& service : world.services) service.scheduler = kind;
    publish();
  }
};

// Whatever happens between two packets.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_{seed} {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(random_); }
  bool once_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937 random_;
};

class ExplainByChance : public ExplainStories {
 protected:
  explicit ExplainByChance(std::size_t workers = 1, std::size_t connections = 1000) : ExplainStories{workers, connections} {}

  void something_happens(Chance& chance) {
    if (chance.once_in(4)) set_state(kServers[chance.below(3)], static_cast<BackendState>(1 + chance.below(5)));
    if (chance.once_in(8)) pass_time(static_cast<std::uint32_t>(1 + chance.below(20)));
    if (chance.once_in(16)) forget_neighbour("10.0.1.12"), publish();
    if (chance.once_in(8)) learn_neighbour("10.0.1.12", server_mac(12), kP1), publish();
    if (chance.once_in(40)) world.ports[1].up = !world.ports[1].up, publish();
  }

  FlowQuestion from_client_by(Chance& chance) {
    const std::size_t service = chance.below(world.services.size());
    const bool v6 = world.services[service].listen.address.family == Family::ipv6;
    static const std::vector<std::string> v4s{"10.0.0.5", "203.0.113.7", "10.0.0.6", "127.0.0.1"}, v6s{"fd00::5", "2001:db8::7", "fd00::6"};
    const std::vector<std::string>& clients = v6 ? v6s : v4s;
    FlowQuestion question = to_vip(service, clients[chance.below(clients.size())], static_cast<std::uint16_t>(1000 + chance.below(6)));
    question.mid_flow = chance.once_in(5);
    if (chance.once_in(20)) question.target.port = 7;  // of no service
    return question;
  }

  // The answer to what left last, or of a server that nobody asked.
  FlowQuestion answer_to(const FlowQuestion& asked, const ExplainedFlow& told, Chance& chance) {
    FlowQuestion question{.protocol = asked.protocol, .source = told.left_target, .target = told.left_source};
    if (chance.once_in(6)) question.source.port = static_cast<std::uint16_t>(question.source.port + 1);
    if (chance.once_in(6)) question.target.port = static_cast<std::uint16_t>(question.target.port + 256);
    return question;
  }

  void runs(std::uint32_t seed, std::size_t packets) {
    Chance chance{seed};
    for (std::size_t i = 0; i < packets && !HasFailure(); ++i) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", packet " + std::to_string(i));
      something_happens(chance);
      const FlowQuestion question = from_client_by(chance);
      const ExplainedFlow told = holds_for(question, chance.below(world.workers));
      ++fates[told.fate], ++roles[told.role];
      if (told.fate != FlowFate::sent || told.left_target.address.family != told.left_source.address.family) continue;
      if (told.backend == kNoBackend || !chance.once_in(2)) continue;
      const ExplainedFlow back = holds_for(answer_to(question, told, chance), chance.below(world.workers));
      ++fates[back.fate], ++roles[back.role];
    }
  }

  std::map<FlowFate, unsigned> fates;
  std::map<FlowRole, unsigned> roles;
};

TEST_F(ExplainByChance, IsWhatThePacketThenDoes) {
  std::uint32_t seed = 0;
  for (const SchedulerKind kind : kSchedulers) {
    choose_by(kind);
    runs(++seed, 250);
  }
  for (const FlowFate fate : {FlowFate::sent, FlowFate::held, FlowFate::dropped}) EXPECT_GT(fates[fate], 20U) << "chance left one out";
  for (const FlowRole role : {FlowRole::client, FlowRole::backend, FlowRole::pool}) EXPECT_GT(roles[role], 20U);
}

class ExplainAmongWorkers : public ExplainByChance {
 protected:
  ExplainAmongWorkers() : ExplainByChance{3} {}
};

TEST_F(ExplainAmongWorkers, WhoeverReceivesIt) { runs(77, 400); }

TEST_F(ExplainAmongWorkers, AReceiverKeepsWhatIsOneWay) {
  receiver_owns_one_way(kP0);
  const FlowQuestion question = to_vip(kDirectWeb, "10.0.0.5", 1000);
  EXPECT_TRUE(explained(question).any_worker);
  for (std::size_t receiver = 0; receiver < 3; ++receiver) {
    FlowQuestion each = question;
    each.source.port = static_cast<std::uint16_t>(2000 + receiver);
    holds_for(each, receiver);
    EXPECT_EQ(index(explained(each).worker), receiver) << "who has its connection";
    holds_for(each, receiver);
  }
}

class ExplainInAPair : public ExplainByChance {
 protected:
  ExplainInAPair() {
    pair_up(world);
    publish();
  }
};

TEST_F(ExplainInAPair, OnWhicheverNodeItIsAsked) {
  std::uint32_t seed = 100;
  const Roles all[] = {roles_of({kFirst, kSecond}, true), roles_of({kFirst}, true), roles_of({}, true), roles_of({kSecond}, false)};
  for (const Roles& each : all) {
    take_roles(each);
    runs(++seed, 150);
  }
}

class ExplainInASmallTable : public ExplainByChance {
 protected:
  ExplainInASmallTable() : ExplainByChance{1, 40} {}  // smaller ones fill with exceptions: stand_in.h, "not copied"
};

TEST_F(ExplainInASmallTable, AlsoWhereOthersMustGo) { runs(5, 400); }

class ExplainOne : public ExplainStories {};

TEST_F(ExplainOne, NamesBothCandidatesAndWhoWasPassedOver) {
  const ExplainedFlow before = explained(to_vip(kWeb, "10.0.0.5", 1000));
  ASSERT_NE(before.first.slot, kNoBackend);
  EXPECT_EQ(before.chosen.slot, before.first.slot);
  EXPECT_NE(before.first.slot, before.second.slot);
  set_state(kServers[index(before.first.slot)], BackendState::draining);
  const ExplainedFlow after = holds_for(to_vip(kWeb, "10.0.0.5", 1000));
  EXPECT_EQ(after.first.slot, before.first.slot) << "a backend that is out keeps its place";
  EXPECT_FALSE(after.first.live);
  EXPECT_EQ(after.chosen.slot, before.second.slot);
  EXPECT_TRUE((after.made.flags & kConnException) != 0);
}

TEST_F(ExplainOne, AClientsPortThatIsTakenByItsConnectionToAnotherVip) {
  set_state(12, BackendState::down), set_state(13, BackendState::down);
  holds_for(to_vip(kWeb, "10.0.0.5", 1000));
  const ExplainedFlow told = holds_for(to_vip(kTwin, "10.0.0.5", 1000));
  EXPECT_EQ(told.failure, InsertFailure::reply_key_taken);
}

TEST_F(ExplainOne, NobodyListensThere) {
  FlowQuestion question = to_vip(kWeb, "10.0.0.5", 1000);
  question.target.port = 81;
  EXPECT_EQ(holds_for(question).reason, DropReason::no_service);
  question.target.address = address("10.0.0.1");
  EXPECT_EQ(holds_for(question).fate, FlowFate::punted);
}

TEST_F(ExplainOne, AnEntryDecidesWhateverTheScheduleSays) {
  const ExplainedFlow opened = holds_for(to_vip(kWeb, "10.0.0.5", 1000));
  const ExplainedFlow again = holds_for(to_vip(kWeb, "10.0.0.5", 1000));
  EXPECT_TRUE(opened.decides);
  EXPECT_FALSE(again.decides);
  EXPECT_EQ(again.tcp_flags, kTcpAck) << "of a flow that has an entry a later packet is meant";
  EXPECT_EQ(again.met.backend, opened.chosen.slot);
}

TEST_F(ExplainOne, WithoutABufferNothingCanBeTold) {
  FlowGlance glance{worker().generation(), *worker().context().hasher, to_vip(kWeb, "10.0.0.5", 1000)};
  glance.look(worker().context());
  const ExplainedFlow told = rehearse(worker().generation(), glance, [](std::span<const std::uint8_t>) { return nullptr; });
  EXPECT_EQ(told.reason, DropReason::no_buffer);
}

}  // namespace
}  // namespace tandem::test
