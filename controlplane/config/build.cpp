// SPDX-License-Identifier: Apache-2.0
// What the builder is told; build_parts.cpp makes the parts.
#include "controlplane/config/build.h"

#include <algorithm>

#include "controlplane/config/vip_checks.h"
#include "dataplane/lb/owner.h"

namespace tandem::config {
namespace {

std::string full_name(std::string_view service, std::string_view backend) {
  std::string name{service};
  name += '/';
  name += backend;
  return name;
}

}  // namespace

GenerationBuilder::GenerationBuilder(const HashSeed& seed, std::size_t workers, const BuildLimits& limits)
    : keys_{seed, derive_key(seed, "member")},
      limits_{limits},
      slots_{limits.slots},
      ids_{limits.services},
      adjacencies_{limits.adjacencies} {
  last_.keys = {derive_key(seed, "table"), derive_key(seed, "schedule"), derive_key(seed, "fragments")};
  last_.owners = even_owners(workers);
}

Result<> GenerationBuilder::set_config(const Config& config, Instant now) {
  if (Result<> room = check_room(config); !room) return room;
  std::set<ServiceId> seen;
  for (const Service& service : config.service)
    for (const Listen& listen : service.listen) {
      ServiceRecord& record = record_for(listen);
      record.configure(service, keys_, slots_, now);
      seen.insert(record.id());
    }
  for (const auto& record : services_)
    if (record != nullptr && record->configured() && !seen.contains(record->id())) record->retire(now);
  for (const auto& record : services_) {
    if (record == nullptr) continue;
    record->set_lender(lender_for(*record));
    if (!record->stale()) continue;
    touch(record->id()), members_changed_ = true;
    if (record->lender() != kNoService) touch(record->lender());  // its backends may have connections that are limited
  }
  index_names();
  port_configs_ = config.port;
  take_pair(config);
  take_pools(config);
  take_checks(config);
  ports_changed_ = true;
  merge_network();
  return {};
}

// Of the fallback's listen entries one of the same protocol and family: that has the same ports, else the first. Their backends are the
// same; which of them counts the connection is all that hangs on it.
ServiceId GenerationBuilder::lender_for(const ServiceRecord& borrower) const {
  ServiceId found = kNoService;
  if (!borrower.configured() || borrower.fallback().empty()) return found;
  const Listen& wanted = borrower.listen();
  for (const auto& record : services_) {
    if (record == nullptr || !record->configured() || record->name() != borrower.fallback()) continue;
    const Listen& listen = record->listen();
    if (listen.protocol != wanted.protocol || listen.address.family != wanted.address.family) continue;
    if (found == kNoService || listen.ports().contains(wanted.ports())) found = record->id();
  }
  return found;
}

std::multimap<ServiceId, ServiceId> GenerationBuilder::borrowers_by_lender() const {
  std::multimap<ServiceId, ServiceId> borrowers;
  for (const auto& record : services_)
    if (record != nullptr && record->lender() != kNoService) borrowers.emplace(record->lender(), record->id());
  return borrowers;
}

void GenerationBuilder::take_pair(const Config& config) {
  pair_ = pair_config(config);
  Groups groups{config};
  if (groups != groups_) {
    groups_ = std::move(groups), members_changed_ = true;
    for (const auto& record : services_)
      if (record != nullptr) touch(record->id());
  }
  std::vector<NextHopKey> peers;
  for (std::size_t i = 0; i < config.port.size(); ++i)
    for (const PeerAddress& peer : config.port[i].peer_address) peers.push_back({peer.address, {static_cast<PortId>(i), peer.vlan}});
  next_hops_.set_peers(std::move(peers));
}

void GenerationBuilder::take_checks(const Config& config) {
  std::vector<IpAddress> vips;
  for (const VipCheck& check : vip_checks(config)) vips.push_back(check.vip());
  next_hops_.set_asked(std::move(vips));
}

void GenerationBuilder::take_pools(const Config& config) {
  if (!pools_.configure(config)) return;
  members_changed_ = true;
  for (const auto& record : services_)
    if (record != nullptr) touch(record->id());
}

Result<> GenerationBuilder::check_room(const Config& config) const {
  std::set<Listen> listens;
  std::size_t slots = 0, ids = 0;
  for (const Service& service : config.service)
    for (const Listen& listen : service.listen) {
      if (!listens.insert(listen).second)
        return fail("service '" + service.name + "': another service listens on " + to_string(Endpoint{listen.address, listen.port}) +
                    " too");
      const auto known = by_listen_.find(listen);
      ids += known == by_listen_.end() ? 1 : 0;
      slots += known == by_listen_.end() ? service.backend.size() : services_[index(known->second)]->new_slots_for(service);
    }
  if (ids > ids_.available())
    return fail(std::to_string(ids) + " new listen entries, but room for " + std::to_string(ids_.available()) +
                " (removed services make room when their last connection has ended)");
  if (slots > slots_.available())
    return fail(std::to_string(slots) + " new backends, but room for " + std::to_string(slots_.available()) +
                " (removed backends make room when their last connection has ended)");
  if (const std::size_t pools = pools_.room_for(config); pools > kMaxPoolAddresses)
    return fail(std::to_string(pools) + " pool addresses, with those that still have connections; at most " +
                std::to_string(kMaxPoolAddresses) + " fit");
  return {};
}

ServiceRecord& GenerationBuilder::record_for(const Listen& listen) {
  const auto [at, is_new] = by_listen_.try_emplace(listen);
  if (is_new) {
    at->second = ids_.take();
    services_.resize(ids_.high_water());
    services_[index(at->second)] = std::make_unique<ServiceRecord>(at->second, listen);
  }
  return *services_[index(at->second)];
}

void GenerationBuilder::index_names() {
  by_name_.clear();
  service_of_.resize(slots_.high_water());
  for (const auto& record : services_) {
    if (record == nullptr) continue;
    for (const Member& member : record->members()) {
      service_of_[index(member.slot)] = record->id();
      if (member.phase == MemberPhase::configured) by_name_[full_name(record->name(), member.name)].push_back(member.slot);
    }
  }
}

void GenerationBuilder::set_ports(std::vector<PortInput> ports) {
  if (ports == ports_) return;
  ports_ = std::move(ports);
  ports_changed_ = network_changed_ = true;
}

// Of one name there is one, however many addresses the service listens on.
std::shared_ptr<ServiceMeter> GenerationBuilder::meter_of(const ServiceRecord& record) {
  if (!record.limits().any()) return nullptr;
  std::shared_ptr<ServiceMeter>& meter = meters_[record.name()];
  if (meter == nullptr) meter = std::make_shared<ServiceMeter>();
  return meter;
}

// Its own connections, or those that a service has whose fallback it is.
bool GenerationBuilder::limits_packets(const ServiceRecord& record) const {
  return std::ranges::any_of(services_, [&](const auto& each) {
    return each != nullptr && each->limits().packets() && (each->id() == record.id() || each->lender() == record.id());
  });
}

void GenerationBuilder::set_guard(GuardLists lists) {
  for (const auto& record : services_)
    if (record != nullptr && guard_.of(record->name()) != lists.of(record->name())) touch(record->id());
  guard_ = std::move(lists);
  last_.guard = guard_.view;
}

std::vector<Lan> GenerationBuilder::announced_on(const IpAddress& vip) const {
  const GroupId group = groups_.of(vip);
  if (group == kNoGroup) return config::announced_on(network_, port_configs_, vip);
  return config::announced_on(network_, port_configs_, vip, groups_.all()[index(group)].lan_list());
}

void GenerationBuilder::set_network(Network network) {
  kernel_ = std::move(network);
  merge_network();
}

void GenerationBuilder::merge_network() {
  network_ = with_static_parts(kernel_, port_configs_);
  adjacencies_.learn(neighbours_of(network_));
  network_changed_ = true;
}

bool GenerationBuilder::set_state(std::string_view service, std::string_view backend, const BackendDynamic& dynamic) {
  const std::span<const BackendSlot> slots = slots_of(service, backend);
  for (const BackendSlot slot : slots) {
    const ServiceId id = service_of_[index(slot)];
    services_[index(id)]->set_dynamic(slot, dynamic);
    if (services_[index(id)]->stale()) touch(id);
  }
  return !slots.empty();
}

bool GenerationBuilder::release(BackendSlot slot, Instant now) {
  if (service_of(slot) == nullptr) return false;
  const ServiceId id = service_of_[index(slot)];
  if (!services_[index(id)]->release(slot, slots_, now + limits_.rest)) return false;
  touch(id), members_changed_ = true;
  return true;
}

bool GenerationBuilder::advance(Instant now) {
  bool changed = false;
  for (auto& record : services_) {
    if (record == nullptr) continue;
    record->advance_slow_starts(now);
    const bool moved_on = record->advance(slots_, now);
    const bool ended = !record->configured() && record->members().empty();
    if (!moved_on && !ended) continue;
    touch(record->id()), changed = members_changed_ = true;
    if (!ended) continue;
    by_listen_.erase(record->listen());
    ids_.give_back(record->id());
    record.reset();
  }
  if (pools_.advance()) changed = members_changed_ = true;
  return changed;
}

std::span<const BackendSlot> GenerationBuilder::slots_of(std::string_view service, std::string_view backend) const {
  const auto at = by_name_.find(full_name(service, backend));
  return at == by_name_.end() ? std::span<const BackendSlot>{} : at->second;
}

std::vector<BackendSlot> GenerationBuilder::leaving() const {
  std::vector<BackendSlot> slots;
  for (const auto& record : services_) {
    if (record == nullptr) continue;
    for (const Member& member : record->members())
      if (member.phase == MemberPhase::gone || member.phase == MemberPhase::cut) slots.push_back(member.slot);
  }
  return slots;
}

const ServiceRecord* GenerationBuilder::service(ServiceId id) const {
  return index(id) < services_.size() ? services_[index(id)].get() : nullptr;
}

const ServiceRecord* GenerationBuilder::service_of(BackendSlot slot) const {
  if (index(slot) >= service_of_.size()) return nullptr;
  const ServiceRecord* record = service(service_of_[index(slot)]);
  return record != nullptr && record->find(slot) != nullptr ? record : nullptr;
}

}  // namespace tandem::config
