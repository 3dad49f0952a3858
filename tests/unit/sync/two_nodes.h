// SPDX-License-Identifier: Apache-2.0
// Two nodes in one process: their sessions, one clock, one seed, and a network whose every datagram a test may lose, delay or keep.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "controlplane/sync/session.h"

namespace tandem::sync {

using std::chrono::milliseconds;

inline Chance seeded(std::uint64_t seed) {
  return [random = std::mt19937_64{seed}](std::span<std::uint8_t> into) mutable {
    for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(random());
  };
}

inline NodeFacts node(const std::string& name, std::uint64_t boot_id = 1) {
  return {.name = name, .boot_id = boot_id, .capabilities = 5, .capacity = 1'000'000};
}

struct Flight {
  std::size_t to = 0;  // 0: lb-a, 1: lb-b
  Type type{};
  std::vector<std::uint8_t> datagram;
  Instant arrival{};
};

class TwoNodes {
 public:
  static constexpr std::size_t kA = 0, kB = 1;

  explicit TwoNodes(std::uint64_t seed = 1, PairKeys keys_a = make_keys(seeded(7)), PairKeys keys_b = make_keys(seeded(7)))
      : random_{seed}, keys_{std::move(keys_a), std::move(keys_b)} {
    start(kA), start(kB);
  }

  // One loop: nodes speak, the network carries. What `fate` answers false for is lost.
  void step(milliseconds by = milliseconds{10}) {
    now = now + by;
    for (const std::size_t i : {kA, kB}) {
      if (!silent[i]) session(i).tick(now);
      collect(i);
    }
    deliver();
  }
  void run(milliseconds time) {
    for (milliseconds passed{}; passed < time; passed += milliseconds{10}) step();
  }
  bool run_until_established(milliseconds most) {
    for (milliseconds passed{}; passed < most; passed += milliseconds{10}) {
      step();
      if (agree()) return true;
    }
    return false;
  }
  bool agree() const { return a().established() && b().established() && a().epoch() == b().epoch(); }

  void restart(std::size_t i) {
    ++boot_[i];
    start(i);
  }
  void start(std::size_t i) {
    NodeFacts facts = node(i == kA ? "lb-a" : "lb-b", boot_[i]);
    facts.min_version = versions[i].first, facts.max_version = versions[i].second;
    sessions_[i] = std::make_unique<Session>(keys_[i], facts, seeded(random_()));
  }

  PairKeys& keys(std::size_t i) { return keys_[i]; }  // its file, read at its next start
  Session& session(std::size_t i) { return *sessions_[i]; }
  Session& a() { return *sessions_[kA]; }
  Session& b() { return *sessions_[kB]; }
  const Session& a() const { return *sessions_[kA]; }
  const Session& b() const { return *sessions_[kB]; }

  // Arrives now; what is said to it goes its own way.
  Opened hand_over(Flight flight) {
    const Opened opened = session(flight.to).open(flight.datagram, now);
    collect(flight.to);
    return {.reject = opened.reject, .type = opened.type};
  }
  std::size_t sent_of(Type type) const {
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [type](const Flight& f) { return f.type == type; }));
  }

  // A sealed datagram of node i; empty without a session.
  std::vector<std::uint8_t> sealed(std::size_t i, std::string_view text, Label label = {kControlStream, Type::hello}) {
    std::vector<std::uint8_t> out(text.size() + kSealBytes);
    out.resize(session(i).seal(label, bytes_of(text), out));
    return out;
  }
  // What node i makes of it: the text, or "!" and the reject's name.
  std::string heard_by(std::size_t i, std::vector<std::uint8_t> datagram) {
    const Opened opened = session(i).open(datagram, now);
    if (opened.reject != Reject::none) return "!" + std::string{to_string(opened.reject)};
    return {opened.payload.begin(), opened.payload.end()};
  }
  // Both ways, each in the epoch that its sender uses.
  void expect_talk(const std::string& when) {
    EXPECT_EQ(heard_by(kB, sealed(kA, "from a")), "from a") << when;
    EXPECT_EQ(heard_by(kA, sealed(kB, "from b")), "from b") << when;
  }

  Instant now{std::chrono::seconds{100}};
  bool silent[2] = {};  // its loop does not tick: it begins nothing by itself
  std::pair<std::uint8_t, std::uint8_t> versions[2] = {{1, 1}, {1, 1}};
  std::function<bool(const Flight&)> fate = [](const Flight&) { return true; };
  std::function<milliseconds()> delay = [] { return milliseconds{}; };
  std::vector<Flight> sent;  // all that was ever sent, lost or not

 private:
  void collect(std::size_t from) {
    for (Outgoing& each : session(from).take_outgoing()) {
      Flight flight{1 - from, each.type, std::move(each.datagram), now + delay()};
      sent.push_back(flight);
      if (fate(flight)) flying_.push_back(std::move(flight));
    }
  }
  // Answers of what arrives arrive in the same step, when nothing delays them.
  void deliver() {
    for (;;) {
      const auto next = std::find_if(flying_.begin(), flying_.end(), [this](const Flight& f) { return f.arrival <= now; });
      if (next == flying_.end()) return;
      Flight flight = std::move(*next);
      flying_.erase(next);
      hand_over(std::move(flight));
    }
  }

  std::mt19937_64 random_;
  PairKeys keys_[2];
  std::uint64_t boot_[2] = {1, 1};
  std::unique_ptr<Session> sessions_[2];
  std::vector<Flight> flying_;
};

}  // namespace tandem::sync
