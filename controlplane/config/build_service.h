// SPDX-License-Identifier: Apache-2.0
// One listen entry of the configuration over its whole life: its backends, those that left it and are still remembered by
// entries, and the parts of the generation that follow from them. Each part is rebuilt only when what it rests on changed.
//
// A backend's way out:  configured → gone (forwards what it has, `grace` long; then its connections are ended, for as long as a reset one
// is remembered) → cut (forwards nothing; entries with its incarnation are void) → resting (no worker counts an entry, a sweep removes what
// no counter saw) → its slot is free. gone skips cut when no entry is left earlier. A backend that comes back while gone is the old one,
// slot and all. Threads: one control thread.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "controlplane/config/config.h"
#include "controlplane/config/slots.h"
#include "controlplane/config/slow_start.h"
#include "dataplane/lb/live_set.h"
#include "dataplane/lb/schedule.h"
#include "dataplane/lb/turns.h"
#include "dataplane/model/backend.h"
#include "dataplane/model/life_rules.h"
#include "dataplane/model/service.h"
#include "dataplane/model/tunnel.h"

namespace tandem::config {

enum class AdminState : std::uint8_t { up, draining, disabled };

// What changes a backend without its configuration: the overlay and the health checks.
struct BackendDynamic {
  AdminState admin = AdminState::up;
  std::optional<std::uint16_t> weight;  // instead of the configured one
  bool check_up = true;
  bool kill = false;  // disabled: its connections are ended at once

  friend bool operator==(const BackendDynamic&, const BackendDynamic&) = default;
};

enum class MemberPhase : std::uint8_t { configured, gone, cut, resting };

struct Member {
  std::string name;
  Endpoint address;  // port 0: its client's
  std::uint16_t configured_weight = 1;
  BackendSlot slot{};
  MemberPhase phase = MemberPhase::configured;
  BackendDynamic dynamic;
  SlowStart slow_start;
  Instant until;        // gone: end of grace, or of the farewell; resting: end of the rest
  bool ending = false;  // its connections are being ended
  std::optional<Instant> disabled_until;
  QuicServerId server_id{};
  std::uint64_t identity = 0;

  std::uint16_t weight() const { return std::min(dynamic.weight.value_or(configured_weight), kWeightMax); }
  bool serves() const { return phase <= MemberPhase::gone; }  // packets of its connections still go to it
  BackendState state() const;
  Fate fate(const LifeRules& rules) const { return fate_of(state(), rules, ending); }
};

struct BuildKeys {
  HashSeed seed{};
  SipKey member;  // member_identity()
};

// How a service's tunnels look from outside.
struct Tunnels {
  TunnelKind kind = TunnelKind::ipip;
  std::vector<Prefix> source;
  std::optional<std::uint8_t> dscp;
  std::uint16_t gue_port = kGuePort;

  friend bool operator==(const Tunnels&, const Tunnels&) = default;
};

class ServiceRecord {
 public:
  ServiceRecord(ServiceId id, const Listen& listen) : id_{id}, listen_{listen} {}

  ServiceId id() const { return id_; }
  const Listen& listen() const { return listen_; }
  const std::string& name() const { return name_; }
  const std::string& group() const { return group_; }  // when it left the configuration: its last one
  const std::string& fallback() const { return fallback_; }
  ForwardingMethod method() const { return method_; }
  const Limits& limits() const { return limits_; }
  bool configured() const { return configured_; }
  Fate fate_of(const Member& member) const { return member.fate(rules_); }
  std::span<const Member> members() const { return members_; }
  const Member* find(BackendSlot slot) const;
  TunnelView tunnel_to(const Member& member) const;  // empty when it never was behind one
  bool has_tunnels() const { return tunnel_.has_value(); }
  bool reachable() const;  // configured, or somebody still forwards for it

  // How many slots configure() with these backends would take.
  std::size_t new_slots_for(const Service& service) const;
  void configure(const Service& service, const BuildKeys& keys, SlotTable& slots, Instant now);
  void retire(Instant now);           // left the configuration
  void set_lender(ServiceId lender);  // the fallback's listen entry that lends to this one; kNoService: nobody
  ServiceId lender() const { return lender_; }

  void set_dynamic(BackendSlot slot, const BackendDynamic& dynamic);
  bool release(BackendSlot slot, SlotTable& slots, Instant until);  // no live entries: gone or cut → resting
  bool advance(SlotTable& slots, Instant now);                      // true: somebody was cut, or a slot freed
  void advance_slow_starts(Instant now);                            // at once for the workers, without a publication

  // Brings schedule, live set and turns up to date; true when view() changed. Turns are adjusted here, so publish next.
  bool refresh(const BuildKeys& keys);
  bool stale() const { return schedule_stale_ || live_stale_ || view_stale_; }
  ServiceView view() const;  // but for the group, which only the whole configuration tells

 private:
  // Places in members_, or its size.
  std::size_t place_of(BackendSlot slot) const;
  std::size_t serving_at(const Endpoint& address) const;
  void take_tunnels(const Service& service);
  void take_life(const Service& service);
  bool end_graces(Instant now);
  bool end_grace(Member& member, SlotTable& slots, Instant now) const;
  void rebuild_quic();
  void take_in(const Backend& backend, const BuildKeys& keys, SlotTable& slots);
  void leave(Member& member, Instant now);
  void rebuild_schedule(const BuildKeys& keys);
  void rebuild_live();
  void rebuild_addresses();
  void keep_former();
  bool forget_former(Instant now);  // true: its time is over
  std::shared_ptr<const FormerSchedule> former_view() const;
  void set_scales();
  std::shared_ptr<const LiveSet> live_now(const Schedule& schedule) const;

  ServiceId id_;
  Listen listen_;
  std::string name_, group_, fallback_;
  ServiceId lender_ = kNoService;
  ForwardingMethod method_ = ForwardingMethod::nat;
  std::optional<Tunnels> tunnel_;  // the last ones: connections keep the method that they began with
  ClientAddress client_address_ = ClientAddress::none;
  SchedulerKind scheduler_ = SchedulerKind::consistent_round_robin;
  Timeouts timeouts_;
  Limits limits_;
  milliseconds grace_{0}, slow_start_{0};
  std::optional<milliseconds> disable_grace_;
  LifeRules rules_;
  bool one_packet_ = false;
  std::optional<QuicIdForm> quic_form_;
  bool configured_ = false;
  std::vector<Member> members_;

  bool schedule_stale_ = true, live_stale_ = true, view_stale_ = true;
  std::shared_ptr<const Schedule> schedule_, former_;  // today's, and the one before for kFormerScheduleKept
  std::optional<Instant> former_until_;                // as of the first advance() that sees it
  std::shared_ptr<ServiceTurns> turns_;
  std::shared_ptr<const LiveSet> live_;
  std::vector<BackendSlot> schedule_slots_;
  std::shared_ptr<const BackendsByAddress> by_address_;
  std::shared_ptr<const QuicServers> quic_;
};

}  // namespace tandem::config
