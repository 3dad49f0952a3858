// SPDX-License-Identifier: Apache-2.0
// A service for the tests of scheduling: members 10.0.x.y:80, whoever is down, and the connections it has given.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "dataplane/lb/carry_over.h"
#include "dataplane/lb/flow_hash.h"
#include "dataplane/lb/pick.h"

namespace tandem::lb_test {

constexpr std::size_t kWorkers = 8, kMillion = 1'000'000;
inline const HashSeed kSeed{1, 2, 3, 4};

using Weights = std::function<std::uint16_t(std::size_t)>;
inline std::uint16_t equal(std::size_t) { return 1; }

inline std::uint64_t identity_of(std::size_t backend) {
  const Ipv4Address address{Be32{0x0a000000 + static_cast<std::uint32_t>(backend)}};
  return member_identity(derive_key(kSeed, "member"), {address, 80}, Protocol::tcp);
}

// Slots are the backends' numbers here, whatever order the schedule puts its members in.
inline std::vector<ScheduleMember> members_of(std::size_t backends, const Weights& weight = equal) {
  std::vector<ScheduleMember> members;
  for (std::size_t i = 0; i < backends; ++i) members.push_back({static_cast<BackendSlot>(i), identity_of(i), weight(i)});
  return members;
}

inline std::uint64_t flow(std::size_t number) {
  static const SipKey key = derive_key(kSeed, "schedule");
  return schedule_hash(key, Ipv4Address{Be32{static_cast<std::uint32_t>(number >> 12)}}, Be16{static_cast<std::uint16_t>(number & 0xfff)},
                       Ipv4Address{Be32{0xcb007101}}, Be16{80}, Protocol::tcp);
}

class Service {
 public:
  explicit Service(std::vector<ScheduleMember> members, const ScheduleOptions& options = {})
      : schedule_{std::make_unique<Schedule>(kSeed, std::move(members), options)},
        live_{std::make_unique<LiveSet>(LiveSet::all(*schedule_))},
        turns_{std::make_shared<ServiceTurns>(schedule_->size())},
        given_(schedule_->size()) {}

  const Schedule& schedule() const { return *schedule_; }
  const LiveSet& live() const { return *live_; }
  ServiceTurns& turns() { return *turns_; }
  MemberIndex member(std::size_t backend) const { return schedule_->find(identity_of(backend)); }

  Choice give(std::uint64_t hash) {
    const Choice choice = pick(*schedule_, *turns_, *live_, hash);
    note(choice);
    return choice;
  }

  // W workers look before any of them has written, as badly interleaved as workers can be.
  void give_at_once(std::size_t first_flow, std::size_t workers = kWorkers) {
    std::vector<Choice> choices;
    for (std::size_t w = 0; w < workers; ++w) choices.push_back(peek(*schedule_, *turns_, *live_, flow(first_flow + w)));
    for (const Choice& choice : choices) {
      count(*schedule_, *turns_, *live_, choice);
      note(choice);
    }
  }

  void give_many(std::size_t connections) {
    for (std::size_t end = next_flow_ + connections; next_flow_ < end; next_flow_ += kWorkers) give_at_once(next_flow_);
  }

  void set_down(const std::vector<std::size_t>& backends) {
    std::vector<bool> eligible(schedule_->size(), true);
    for (const std::size_t backend : backends) eligible[member(backend)] = false;
    auto after = std::make_unique<LiveSet>(*schedule_, eligible);
    admit(*schedule_, *turns_, *live_, *after);
    live_ = std::move(after);
  }

  void change(std::vector<ScheduleMember> members) {
    auto after = std::make_unique<Schedule>(kSeed, std::move(members), schedule_->options());
    auto live_after = std::make_unique<LiveSet>(LiveSet::all(*after));
    turns_ = carry_over(*schedule_, *live_, *turns_, *after, *live_after);
    schedule_ = std::move(after);
    live_ = std::move(live_after);
    forget();
  }

  void forget() { given_.assign(schedule_->size(), 0), exceptions_ = 0; }

  std::uint64_t given(std::size_t backend) const { return given_[member(backend)]; }
  const std::vector<std::uint64_t>& given() const { return given_; }
  double exceptions() const { return static_cast<double>(exceptions_); }

  // Most minus fewest, among the live.
  std::uint64_t spread() const {
    std::uint64_t most = 0, fewest = ~std::uint64_t{0};
    for (MemberIndex i = 0; i < given_.size(); ++i)
      if (live_->contains(i)) most = std::max(most, given_[i]), fewest = std::min(fewest, given_[i]);
    return most - fewest;
  }

  // Furthest from its share by weight, in turns (what a member of mean weight spends on one connection).
  double furthest_from_share() const {
    double total = 0, furthest = 0;
    for (const std::uint64_t given : given_) total += static_cast<double>(given);
    for (MemberIndex i = 0; i < given_.size(); ++i) {
      const double weight = schedule_->members()[i].weight, sum = static_cast<double>(schedule_->weight_sum());
      furthest = std::max(furthest, std::abs(static_cast<double>(given_[i]) - total * weight / sum));
    }
    return furthest;
  }

 private:
  void note(const Choice& choice) { ++given_[choice.member], exceptions_ += choice.exception ? 1 : 0; }

  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<LiveSet> live_;
  std::shared_ptr<ServiceTurns> turns_;
  std::vector<std::uint64_t> given_;
  std::uint64_t exceptions_ = 0;
  std::size_t next_flow_ = 0;
};

}  // namespace tandem::lb_test
