// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync_stages.h"

#include <random>

#include "common/base/ensure.h"
#include "tests/bench/pair_keys.h"

namespace tandem::bench {
namespace {

constexpr double kHeaderBytes = 14 + 20 + 8;  // Ethernet, IPv4, UDP
constexpr std::uint64_t kBoot = 7;

config::Sync link(const std::string& own, const std::string& other) { return {test::address(own), test::address(other), 18264, "key"}; }

double since(std::uint64_t begin) { return static_cast<double>(cycles_now() - begin); }

}  // namespace

SyncSide::SyncSide(SyncNode& node, const std::string& name, const std::string& own, const std::string& other)
    : flows{*node.flows()},
      session{bench_keys(), sync::NodeFacts{.name = name, .boot_id = kBoot, .capacity = 1'000'000}, bench_chance(name == "lb-a" ? 1 : 2)} {
  ensure(socket.open(link(own, other)).has_value());
}

SyncStages::SyncStages(rte_mempool* pool, std::uint64_t connections, bool hugepages, double tsc_hz)
    : clients_{pool},
      ours_{clients_, connections, hugepages, tsc_hz},
      theirs_{onlooker_, connections, hugepages, tsc_hz},
      us_{ours_, "lb-a", "127.0.0.1", "127.0.0.2"},
      them_{theirs_, "lb-b", "127.0.0.2", "127.0.0.1"} {
  const std::uint32_t bit = 1U << index(kGroup);
  ours_.roles().set({.active = Roles::kUngrouped | bit, .receives = Roles::kUngrouped | bit, .on_peer = 0});
  theirs_.roles().set({.active = Roles::kUngrouped, .receives = Roles::kUngrouped, .on_peer = bit});
  for (SyncNode* node : {&ours_, &theirs_}) node->roles().set_term(kGroup, 1), node->flows()->set_sync(true), node->worker().turn();
  shake_hands();
}

void SyncStages::shake_hands() {
  while (!us_.session.established() || us_.session.epoch() != them_.session.epoch()) {
    now_ = now_ + std::chrono::milliseconds{10};
    for (SyncSide* side : {&us_, &them_}) {
      SyncSide& other = side == &us_ ? them_ : us_;
      side->session.tick(now_);
      for (sync::Outgoing& each : side->session.take_outgoing()) other.session.open(each.datagram, now_);
    }
  }
}

std::uint64_t SyncStages::open_connections() {
  const std::uint64_t wanted = clients_.lasting() + kRound, begin = cycles_now();
  clients_.open(kRound);
  while (clients_.lasting() < wanted) ours_.worker().turn();
  while (ours_.worker().turn()) continue;
  return cycles_now() - begin;
}

std::size_t SyncStages::tell(SyncSide& from, std::array<double, parts>& spent) {
  std::size_t bytes = 0;
  double sealing = 0, sending = 0;
  std::array<std::uint8_t, 2048> datagram;
  const auto send = [&](const sync::Label& label, sync::Bytes payload) {
    const std::uint64_t begin = cycles_now();
    const std::size_t length = from.session.seal(label, payload, datagram);
    sealing += since(begin);
    const std::uint64_t sealed_at = cycles_now();
    from.socket.send(std::span{datagram}.first(length));
    sending += since(sealed_at);
    bytes += length + static_cast<std::size_t>(kHeaderBytes);
    return sync::read_header(datagram)->sequence.host();
  };
  const std::uint64_t begin = cycles_now();
  from.flows.pump(kBoot, from.session.epoch(), send, now_);
  spent[laid_out] += since(begin) - sealing - sending, spent[sealed] += sealing, spent[sent] += sending;
  return bytes;
}

void SyncStages::hear(SyncSide& at, std::array<double, parts>& spent) {
  double opening = 0, reading = 0;
  const std::uint64_t begin = cycles_now();
  at.socket.receive([&](std::span<std::uint8_t> datagram) {
    const std::uint64_t came = cycles_now();
    const sync::Opened word = at.session.open(datagram, now_);
    opening += since(came);
    const std::uint64_t opened_at = cycles_now();
    ensure(word.for_caller());
    at.flows.hear(word, now_);
    reading += since(opened_at);
  });
  spent[received] += since(begin) - opening - reading, spent[opened] += opening, spent[handed_on] += reading;
}

double SyncStages::learn(std::uint64_t until) {
  const std::uint64_t begin = cycles_now();
  while (theirs_.counters(WorkerId{0}).sync_applied[static_cast<std::size_t>(SyncOutcome::inserted)].get() < until)
    if (!theirs_.worker().turn()) break;
  return since(begin);
}

void SyncStages::fill(std::uint64_t live) {
  while (clients_.lasting() < live) round();
  for (Samples& each : cycles_) each = {};
  telling_ = hearing_ = wire_bytes_ = {};
}

void SyncStages::round() {
  ours_.flows()->set_sync(false), ours_.worker().turn();
  const std::uint64_t untold = open_connections();
  ours_.flows()->set_sync(true), ours_.worker().turn();
  std::array<double, parts> spent{}, answer{};
  const std::uint64_t before = theirs_.applied(SyncOutcome::inserted);
  spent[told] = static_cast<double>(open_connections()) - static_cast<double>(untold);
  wire_bytes_.add(static_cast<double>(tell(us_, spent)) / kRound);
  hear(them_, spent);
  spent[learned] = learn(before + kRound);
  ensure(theirs_.applied(SyncOutcome::inserted) == before + kRound);
  now_ = now_ + std::chrono::milliseconds{3};  // an acknowledgement is due
  tell(them_, answer), hear(us_, answer);
  spent[answered] = answer[laid_out] + answer[sealed] + answer[sent];
  spent[heard] = answer[received] + answer[opened] + answer[handed_on];
  note(spent);
}

void SyncStages::note(const std::array<double, parts>& spent) {
  for (std::size_t i = 0; i < walked; ++i) cycles_[i].add(spent[i] / kRound);
  telling_.add((spent[laid_out] + spent[sealed] + spent[sent] + spent[heard]) / kRound);
  hearing_.add((spent[received] + spent[opened] + spent[handed_on] + spent[answered]) / kRound);
}

// The worker's side of a bulk: the walk's turns, and at the other node records of connections that it has.
void SyncStages::walk() {
  std::array<double, parts> spent{};
  us_.flows.walk_again();
  tell(us_, spent);  // asks for it
  for (bool more = true; more;) {
    const std::uint64_t told_before = ours_.counters(WorkerId{0}).sync_told.get(), begin = cycles_now();
    while (ours_.worker().turn()) continue;
    const double walking = since(begin), records = static_cast<double>(ours_.counters(WorkerId{0}).sync_told.get() - told_before);
    more = records != 0;
    tell(us_, spent), hear(them_, spent);
    const std::uint64_t learning = cycles_now();
    while (theirs_.worker().turn()) continue;
    if (records > 1000) cycles_[walked].add(walking / records), cycles_[learned_again].add(since(learning) / records);
    now_ = now_ + std::chrono::milliseconds{3};
    tell(them_, spent), hear(us_, spent);
  }
}

std::vector<SyncStages::Stage> SyncStages::stages() const {
  std::vector<Stage> all;
  for (std::size_t i = 0; i < parts; ++i) all.push_back({kNames[i], cycles_[i]});
  return all;
}

std::vector<SyncStages::Stage> SyncStages::sums() const {
  return {
      {"the pair's thread that tells", telling_}, {"the pair's thread that hears", hearing_}, {"the worker that learns", cycles_[learned]}};
}

}  // namespace tandem::bench
