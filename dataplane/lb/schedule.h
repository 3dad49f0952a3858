// SPDX-License-Identifier: Apache-2.0
// What a service's members and weights alone decide about a new connection: its two candidates, and the order of rounds.
// Threads: built by a control thread, immutable, shared by generations until members or weights change. Who is up is
// another object (LiveSet), because it changes far more often; who has had how much is a third (ServiceTurns).
// Members are named by their place here, in the order of their identities, so the order of the configuration does not
// matter. Size: 262 kB of tables per service.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/siphash.h"
#include "dataplane/lb/maglev.h"
#include "dataplane/lb/turns.h"

namespace tandem {

enum class SchedulerKind : std::uint8_t { consistent_round_robin, round_robin, maglev, least_connections, source_hash, single_writer };

inline constexpr std::uint16_t kWeightMax = 256;
inline constexpr std::size_t kMembersMax = 16384;      // four slots each
inline constexpr std::uint32_t kSlotsOfMemberMin = 4;  // with fewer, rounding shifts a share by more than a tenth

struct ScheduleMember {
  BackendSlot slot{};
  std::uint64_t identity = 0;  // member_identity(): distinct within the service
  std::uint16_t weight = 1;    // 0…256; 0 is left out of the schedule altogether
};

struct ScheduleOptions {
  SchedulerKind kind = SchedulerKind::consistent_round_robin;
  TurnTime threshold = 0;    // lead over the second candidate that the first one may have; one turn halves the exceptions
  TurnTime cap = 8 * kTurn;  // lead over the mean beyond which a candidate is passed over
};

struct Candidates {
  MemberIndex first = kNoMember, second = kNoMember;  // distinct where there are two members
};

class Schedule {
 public:
  Schedule(const HashSeed& seed, std::vector<ScheduleMember> members, const ScheduleOptions& options = {});

  // kNoMember twice when the service has no members. Two cache misses; prefetch() takes them early.
  Candidates candidates(std::uint64_t flow_hash) const noexcept;
  void prefetch(std::uint64_t flow_hash) const noexcept;

  const ScheduleOptions& options() const noexcept { return options_; }
  MemberIndex size() const noexcept { return static_cast<MemberIndex>(members_.size()); }
  std::span<const ScheduleMember> members() const noexcept { return members_; }
  BackendSlot slot_of(MemberIndex member) const noexcept { return members_[member].slot; }
  MemberIndex find(std::uint64_t identity) const noexcept;  // kNoMember when absent

  std::uint32_t slots_of(MemberIndex member) const noexcept { return slots_of_[member]; }  // in each of the two tables
  std::uint32_t fewest_slots() const noexcept;                                             // below kSlotsOfMemberMin: refuse
  TurnTime step_of(MemberIndex member) const noexcept { return steps_[member]; }           // mean weight / own weight
  std::uint64_t weight_sum() const noexcept { return weight_sum_; }

  std::span<const MemberIndex> rotation() const noexcept { return rotation_; }  // empty unless the kind is round_robin
  const MaglevTable& table(std::size_t which) const noexcept { return tables_[which]; }

  // Digest of kind, members and weights: equal on both nodes, and equal schedules only.
  std::uint64_t version() const noexcept { return version_; }

 private:
  std::vector<ScheduleMember> members_;
  ScheduleOptions options_;
  std::vector<MaglevTable> tables_;  // two, or none without members
  std::vector<std::uint32_t> slots_of_;
  std::vector<TurnTime> steps_;
  std::vector<MemberIndex> rotation_;
  std::uint64_t weight_sum_ = 0, version_ = 0;
};

}  // namespace tandem
