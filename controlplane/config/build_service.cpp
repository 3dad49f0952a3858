// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/build_service.h"

#include <algorithm>

#include "dataplane/lb/carry_over.h"
#include "dataplane/lb/flow_hash.h"

namespace tandem::config {
namespace {

// Its caches may be cold. One that was drained went on serving, so it is not among them.
bool is_out(BackendState state) { return state == BackendState::down || state == BackendState::disabled; }

bool is_listed(const Service& service, const Endpoint& address) {
  return std::ranges::find(service.backend, address, &Backend::address) != service.backend.end();
}

}  // namespace

// Down before draining: a connection of a backend that does not answer is better picked anew.
BackendState Member::state() const {
  if (phase == MemberPhase::gone) return BackendState::gone;
  if (phase != MemberPhase::configured) return BackendState::unused;
  if (dynamic.admin == AdminState::disabled) return BackendState::disabled;
  if (!dynamic.check_up) return BackendState::down;
  return dynamic.admin == AdminState::draining ? BackendState::draining : BackendState::up;
}

std::size_t ServiceRecord::place_of(BackendSlot slot) const {
  return static_cast<std::size_t>(std::ranges::find(members_, slot, &Member::slot) - members_.begin());
}

std::size_t ServiceRecord::serving_at(const Endpoint& address) const {
  const auto there = [&](const Member& member) { return member.serves() && member.address == address; };
  return static_cast<std::size_t>(std::ranges::find_if(members_, there) - members_.begin());
}

const Member* ServiceRecord::find(BackendSlot slot) const {
  const std::size_t place = place_of(slot);
  return place == members_.size() ? nullptr : &members_[place];
}

bool ServiceRecord::reachable() const { return configured_ || std::ranges::any_of(members_, &Member::serves); }

std::size_t ServiceRecord::new_slots_for(const Service& service) const {
  const auto is_new = [&](const Backend& backend) { return serving_at(backend.address) == members_.size(); };
  return static_cast<std::size_t>(std::ranges::count_if(service.backend, is_new));
}

void ServiceRecord::configure(const Service& service, const BuildKeys& keys, SlotTable& slots, Instant now) {
  if (!configured_ || method_ != service.forwarding || timeouts_ != service.timeouts || limits_ != service.limit) view_stale_ = true;
  if (name_ != service.name) view_stale_ = true;  // its list and its meter are by name
  if (scheduler_ != service.scheduler) schedule_stale_ = true;
  name_ = service.name, group_ = service.group, fallback_ = service.fallback, method_ = service.forwarding, scheduler_ = service.scheduler;
  timeouts_ = service.timeouts, limits_ = service.limit, grace_ = service.grace, slow_start_ = service.slow_start;

  take_tunnels(service);
  for (Member& member : members_)
    if (member.phase == MemberPhase::configured && !is_listed(service, member.address)) leave(member, now);
  for (const Backend& backend : service.backend) take_in(backend, keys, slots);
  configured_ = true;
}

void ServiceRecord::take_tunnels(const Service& service) {
  if (!is_tunnelled(service.forwarding)) return;
  const TunnelKind kind = service.forwarding == ForwardingMethod::ipip ? TunnelKind::ipip
                          : service.gue_header                         ? TunnelKind::gue_header
                                                                       : TunnelKind::gue_direct;
  Tunnels now{kind, service.tunnel_source, service.tunnel_dscp, service.gue_port};
  if (tunnel_ == now) return;
  tunnel_ = std::move(now), view_stale_ = true;
}

TunnelView ServiceRecord::tunnel_to(const Member& member) const {
  if (!tunnel_) return {};
  const IpAddress& target = member.address.address;
  const auto source = std::ranges::find(tunnel_->source, target.family, [](const Prefix& each) { return each.address.family; });
  if (source == tunnel_->source.end()) return {};
  return make_tunnel({tunnel_->kind, listen_.address.family, *source, target, tunnel_->gue_port, tunnel_->dscp});
}

void ServiceRecord::take_in(const Backend& backend, const BuildKeys& keys, SlotTable& slots) {
  std::size_t place = serving_at(backend.address);
  if (place == members_.size())
    members_.push_back({.address = backend.address,
                        .slot = slots.take(),
                        .phase = MemberPhase::gone,
                        .identity = member_identity(keys.member, backend.address, listen_.protocol)});
  Member& member = members_[place];
  const std::uint16_t weight_before = member.weight();
  if (member.phase == MemberPhase::gone) {
    member.dynamic = {}, schedule_stale_ = true;
    if (configured_ && slow_start_ > slow_start_.zero()) member.slow_start.begin();  // beside others who serve already
  }
  member.phase = MemberPhase::configured, member.name = backend.name, member.configured_weight = backend.weight;
  if (member.weight() != weight_before) schedule_stale_ = true;
}

void ServiceRecord::retire(Instant now) {
  configured_ = false, view_stale_ = true;
  for (Member& member : members_)
    if (member.phase == MemberPhase::configured) leave(member, now);
}

void ServiceRecord::set_lender(ServiceId lender) {
  view_stale_ |= lender != lender_;
  lender_ = lender;
}

void ServiceRecord::leave(Member& member, Instant now) {
  member.phase = MemberPhase::gone, member.until = now + grace_;
  schedule_stale_ = true;
}

void ServiceRecord::set_dynamic(BackendSlot slot, const BackendDynamic& dynamic) {
  const std::size_t place = place_of(slot);
  if (place == members_.size() || members_[place].dynamic == dynamic) return;
  Member& member = members_[place];
  const std::uint16_t weight_before = member.weight();
  const bool was_out = is_out(member.state());
  member.dynamic = dynamic;
  if (is_out(member.state())) member.slow_start.end();
  else if (was_out && slow_start_ > slow_start_.zero()) member.slow_start.begin();
  live_stale_ = true;
  if (member.weight() != weight_before) schedule_stale_ = true;
}

bool ServiceRecord::release(BackendSlot slot, SlotTable& slots, Instant until) {
  const std::size_t place = place_of(slot);
  if (place == members_.size()) return false;
  Member& member = members_[place];
  if (member.phase != MemberPhase::gone && member.phase != MemberPhase::cut) return false;
  if (member.phase == MemberPhase::gone) slots.end_incarnation(slot);
  member.phase = MemberPhase::resting, member.until = until, view_stale_ = true;
  return true;
}

bool ServiceRecord::advance(SlotTable& slots, Instant now) {
  bool changed = false;
  for (Member& member : members_) {
    if (member.phase != MemberPhase::gone || now < member.until) continue;
    member.phase = MemberPhase::cut;
    slots.end_incarnation(member.slot);
    changed = view_stale_ = true;
  }
  changed |= std::erase_if(members_, [&](const Member& member) {
               const bool rested = member.phase == MemberPhase::resting && now >= member.until;
               if (rested) slots.give_back(member.slot);
               return rested;
             }) > 0;
  return changed;
}

void ServiceRecord::advance_slow_starts(Instant now) {
  if (schedule_ == nullptr || std::ranges::none_of(members_, [](const Member& member) { return member.slow_start.running(); })) return;
  for (Member& member : members_) member.slow_start.advance(slow_start_, now);
  set_scales();
}

void ServiceRecord::set_scales() {
  for (const Member& member : members_) {
    const MemberIndex place = member.phase == MemberPhase::configured ? schedule_->find(member.identity) : kNoMember;
    if (place != kNoMember) turns_->set_scale(place, member.slow_start.scale());
  }
}

bool ServiceRecord::refresh(const BuildKeys& keys) {
  if (schedule_stale_ || view_stale_) rebuild_addresses();
  if (schedule_stale_ || schedule_ == nullptr) rebuild_schedule(keys);
  else if (live_stale_) rebuild_live();
  else if (!view_stale_) return false;
  schedule_stale_ = live_stale_ = view_stale_ = false;
  return true;
}

void ServiceRecord::rebuild_schedule(const BuildKeys& keys) {
  std::vector<ScheduleMember> wanted;
  for (const Member& member : members_)
    if (member.phase == MemberPhase::configured) wanted.push_back({member.slot, member.identity, member.weight()});
  const auto next = std::make_shared<const Schedule>(keys.seed, std::move(wanted), ScheduleOptions{.kind = scheduler_});
  const auto live = live_now(*next);
  turns_ = turns_ == nullptr ? std::make_shared<ServiceTurns>(next->size()) : carry_over(*schedule_, *live_, *turns_, *next, *live);
  schedule_ = next, live_ = live;
  set_scales();
  schedule_slots_.clear();
  for (const ScheduleMember& member : next->members()) schedule_slots_.push_back(member.slot);
}

void ServiceRecord::rebuild_live() {
  const auto next = live_now(*schedule_);
  admit(*schedule_, *turns_, *live_, *next);
  live_ = next;
  set_scales();
}

void ServiceRecord::rebuild_addresses() {
  std::vector<BackendsByAddress::Place> places;
  for (const Member& member : members_)
    if (member.serves()) places.emplace_back(member.address, member.slot);
  by_address_ = std::make_shared<const BackendsByAddress>(std::move(places));
}

std::shared_ptr<const LiveSet> ServiceRecord::live_now(const Schedule& schedule) const {
  std::vector<bool> eligible(schedule.size());
  for (const Member& member : members_) {
    const MemberIndex place = member.state() == BackendState::up ? schedule.find(member.identity) : kNoMember;
    if (place != kNoMember) eligible[place] = true;
  }
  return std::make_shared<const LiveSet>(schedule, eligible);
}

ServiceView ServiceRecord::view() const {
  return {.used = true,
          .method = method_,
          .protocol = listen_.protocol,
          .vip = listen_.address,
          .port = listen_.port,
          .timeouts = timeouts_,
          .schedule = schedule_,
          .turns = turns_,
          .live = live_,
          .members = schedule_slots_,
          .by_address = by_address_,
          .fallback = lender_,
          .limits = limits_};
}

}  // namespace tandem::config
