// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/build_service.h"

#include <algorithm>

#include "dataplane/lb/carry_over.h"
#include "dataplane/lb/flow_hash.h"

namespace tandem::config {
namespace {

// How much longer a removed backend's answers are known than a reset connection is: the sweep that ends them takes its time.
constexpr int kFarewellTicks = 2;

// Its caches may be cold. One that was drained went on serving, so it is not among them.
bool is_out(BackendState state) { return state == BackendState::down || state == BackendState::disabled; }

// Where it is asked: one without a port, at the one port there is.
Endpoint asked_at(const Backend& backend, const Listen& listen) {
  const bool one = backend.address.port == 0 && listen.ports().is_one();
  return {backend.address.address, one ? listen.port : backend.address.port};
}

bool is_listed(const Service& service, const Listen& listen, const Endpoint& address) {
  return std::ranges::any_of(service.backend, [&](const Backend& each) { return asked_at(each, listen) == address; });
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
  const auto is_new = [&](const Backend& backend) { return serving_at(asked_at(backend, listen_)) == members_.size(); };
  return static_cast<std::size_t>(std::ranges::count_if(service.backend, is_new));
}

void ServiceRecord::configure(const Service& service, const BuildKeys& keys, SlotTable& slots, Instant now) {
  if (!configured_ || method_ != service.forwarding || timeouts_ != service.timeouts || client_address_ != service.client_address ||
      limits_ != service.limit)
    view_stale_ = true;
  if (name_ != service.name) view_stale_ = true;  // its list and its meter are by name
  if (scheduler_ != service.scheduler) schedule_stale_ = true;
  name_ = service.name, group_ = service.group, fallback_ = service.fallback, method_ = service.forwarding, scheduler_ = service.scheduler;
  client_address_ = service.client_address;
  timeouts_ = service.timeouts, limits_ = service.limit, grace_ = service.grace, slow_start_ = service.slow_start;

  take_tunnels(service);
  take_life(service);
  for (Member& member : members_)
    if (member.phase == MemberPhase::configured && !is_listed(service, listen_, member.address)) leave(member, now);
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

void ServiceRecord::take_life(const Service& service) {
  const LifeRules rules{listen_.protocol, service.on_dead == OnDead::reset, service.quic_cid.has_value()};
  view_stale_ |= rules != rules_ || one_packet_ != service.one_packet || quic_form_ != service.quic_cid;
  rules_ = rules, one_packet_ = service.one_packet, quic_form_ = service.quic_cid, disable_grace_ = service.disable_grace;
}

TunnelView ServiceRecord::tunnel_to(const Member& member) const {
  if (!tunnel_) return {};
  const IpAddress& target = member.address.address;
  const auto source = std::ranges::find(tunnel_->source, target.family, [](const Prefix& each) { return each.address.family; });
  if (source == tunnel_->source.end()) return {};
  return make_tunnel({tunnel_->kind, listen_.address.family, *source, target, tunnel_->gue_port, tunnel_->dscp});
}

void ServiceRecord::take_in(const Backend& backend, const BuildKeys& keys, SlotTable& slots) {
  const Endpoint at = asked_at(backend, listen_);
  std::size_t place = serving_at(at);
  if (place == members_.size())
    members_.push_back(
        {.address = at, .slot = slots.take(), .phase = MemberPhase::gone, .identity = member_identity(keys.member, at, listen_.protocol)});
  Member& member = members_[place];
  const std::uint16_t weight_before = member.weight();
  if (member.phase == MemberPhase::gone) {
    member.dynamic = {}, member.ending = false, schedule_stale_ = true;
    if (configured_ && slow_start_ > slow_start_.zero()) member.slow_start.begin();  // beside others who serve already
  }
  member.phase = MemberPhase::configured, member.name = backend.name, member.configured_weight = backend.weight;
  QuicServerId server_id{};
  std::ranges::copy(backend.server_id.bytes, server_id.begin());
  view_stale_ |= server_id != member.server_id, member.server_id = server_id;
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
  member.phase = MemberPhase::gone, member.until = now + grace_, member.ending = false;
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
  member.disabled_until.reset(), member.ending = dynamic.admin == AdminState::disabled && dynamic.kill;
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

// Of backends that are disabled. Counted from the first look after that, a second late at most.
bool ServiceRecord::end_graces(Instant now) {
  bool ended = false;
  for (Member& member : members_) {
    if (!disable_grace_ || member.ending || member.state() != BackendState::disabled) continue;
    if (!member.disabled_until) member.disabled_until = now + *disable_grace_;
    if (now < *member.disabled_until) continue;
    member.ending = ended = true;
  }
  return ended;
}

// First its connections are ended, while its answers are still known; then nothing is.
bool ServiceRecord::end_grace(Member& member, SlotTable& slots, Instant now) const {
  if (member.phase != MemberPhase::gone || now < member.until) return false;
  if (!member.ending) {
    member.ending = true, member.until = now + (timeouts_.reset + kFarewellTicks) * kTick;
    return true;
  }
  member.phase = MemberPhase::cut;
  slots.end_incarnation(member.slot);
  return true;
}

bool ServiceRecord::advance(SlotTable& slots, Instant now) {
  bool changed = forget_former(now);
  changed |= end_graces(now);
  for (Member& member : members_) changed |= end_grace(member, slots, now);
  view_stale_ |= changed;
  changed |= std::erase_if(members_, [&](const Member& member) {
               const bool rested = member.phase == MemberPhase::resting && now >= member.until;
               if (rested) slots.give_back(member.slot);
               return rested;
             }) > 0;
  return changed;
}

bool ServiceRecord::forget_former(Instant now) {
  if (former_ == nullptr) return false;
  if (!former_until_) former_until_ = now + kFormerScheduleKept;
  if (now < *former_until_) return false;
  former_.reset(), view_stale_ = true;
  return true;
}

// Connections of its time may come without an entry. One without members gave nobody any.
void ServiceRecord::keep_former() {
  if (schedule_ == nullptr || schedule_->size() == 0) return;
  former_ = schedule_, former_until_.reset();
}

std::shared_ptr<const FormerSchedule> ServiceRecord::former_view() const {
  if (former_ == nullptr) return nullptr;
  FormerSchedule out{former_, {}};
  for (const ScheduleMember& each : former_->members()) {
    const auto at = std::ranges::find_if(members_, [&](const Member& m) { return m.identity == each.identity && m.serves(); });
    out.members.push_back(at == members_.end() ? kNoBackend : at->slot);
  }
  return std::make_shared<const FormerSchedule>(std::move(out));
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
  if (schedule_stale_ || view_stale_) rebuild_addresses(), rebuild_quic();
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
  if (schedule_ != nullptr && schedule_->version() != next->version()) keep_former();
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

// Also those that left and still serve: their clients may come from elsewhere.
void ServiceRecord::rebuild_quic() {
  quic_ = nullptr;
  if (!quic_form_) return;
  std::vector<QuicServers::Server> servers;
  for (const Member& member : members_)
    if (member.serves()) servers.push_back({member.server_id, member.slot});
  quic_ = std::make_shared<const QuicServers>(*quic_form_, std::move(servers));
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
          .former = former_view(),
          .one_packet = one_packet_,
          .quic = quic_,
          .more_ports = listen_.more_ports,
          .client_address = client_address_,
          .limits = limits_};
}

}  // namespace tandem::config
