// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/flow_standing.h"

#include "dataplane/lb/pick.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/newcomer.h"

namespace tandem {

namespace {

template <typename Entry>
MetEntry met(const WorkerContext& context, const Connections<Entry>& connections, Entry* entry) {
  if (entry == nullptr) return {};
  const ConnDetail& detail = connections.table->detail(*entry);
  const Tick tick = connections.expiry->tick();
  const bool is_known = index(entry->backend_slot) < context.generation->backends->size();
  return {entry->state,   entry->flags,          is_known ? entry->backend_slot : kNoBackend,
          detail.service, tick - detail.created, entry->idle_ticks(tick)};
}

template <typename Entry>
MetEntry find_by_key(const WorkerContext& context, const Connections<Entry>& connections, const FlowQuestion& question, FlowRole role) {
  using Address = typename Entry::AddressType;
  const bool reply = role == FlowRole::backend;
  const Endpoint& far = reply ? question.source : question.target;
  const typename Entry::Key key{client_end_as<Entry>(client_end(question, role), question.protocol), address_as<Address>(far.address),
                                Be16{far.port}};
  const Direction direction = reply ? Direction::from_backend : Direction::from_client;
  return met(context, connections, connections.table->find((*context.hasher)(key.client), key, direction));
}

MetEntry find_by_port(const WorkerContext& context, const FlowQuestion& question) {
  const VipEntry* pool = context.generation->index->find_vip(question.target.address);
  const std::shared_ptr<PortBook>& ports = (*context.generation->pools)[index(pool->pool)].ports;
  const auto place = ports == nullptr ? std::nullopt : ports->find(question.protocol, question.target.port);
  if (!place) return {};
  if (place->family == Family::ipv4) return met(context, context.connections4, context.connections4.table->at(place->handle));
  return met(context, context.connections6, context.connections6.table->at(place->handle));
}

std::uint64_t hash_for(const Generation& generation, const ServiceView& lender, const FlowQuestion& question) {
  if (question.source.address.family == Family::ipv4) {
    const ConnKey4 key{client_end_as<ConnEntry4>(question.source, question.protocol), question.target.address.v4(),
                       Be16{question.target.port}};
    return schedule_hash_of<ConnEntry4>(generation, *lender.schedule, key);
  }
  const ConnKey6 key{client_end_as<ConnEntry6>(question.source, question.protocol), question.target.address.v6(),
                     Be16{question.target.port}};
  return schedule_hash_of<ConnEntry6>(generation, *lender.schedule, key);
}

Contender contender(const WorkerContext& context, const ServiceView& lender, MemberIndex member) {
  if (member == kNoMember || member >= lender.members.size()) return {};
  const BackendSlot slot = lender.members[member];
  const std::int64_t lead = ahead(lender.turns->time(member), lender.turns->mean());
  return {slot, lender.live->contains(member), static_cast<double>(lead) / static_cast<double>(kTurn),
          live_connections(context.backends, context.tallies, slot)};
}

}  // namespace

MetEntry find_entry(const WorkerContext& context, const FlowQuestion& question, FlowRole role) {
  if (role == FlowRole::node) return {};
  if (role == FlowRole::pool) return find_by_port(context, question);
  if (question.source.address.family == Family::ipv4) return find_by_key(context, context.connections4, question, role);
  return find_by_key(context, context.connections6, question, role);
}

MetEntry find_own_entry(const WorkerContext& context, const FlowQuestion& question, FlowRole role) {
  const bool ours = context.generation->owners[index(owner_slot_of_port(question.target.port))] == context.self;
  return role == FlowRole::pool && !ours ? MetEntry{} : find_entry(context, question, role);
}

Standing note_candidates(const StandIn& stand_in, const FlowQuestion& question, ExplainedFlow& told) {
  const Generation& generation = stand_in.generation();
  told.service = generation.index->find_service(question.target.address, question.protocol, question.target.port);
  if (told.service == kNoService) return {};
  const ServiceView& service = (*generation.services)[index(told.service)];
  Standing standing{&lender_of(generation, service), {}};
  const ServiceView& lender = *standing.lender;
  told.lender = &lender == &service ? told.service : service.fallback;
  const Candidates flow = lender.schedule->candidates(hash_for(generation, lender, question));
  told.first = contender(stand_in.context(), lender, flow.first);
  told.second = contender(stand_in.context(), lender, flow.second);
  for (std::size_t i = 0; i < lender.members.size(); ++i)
    standing.all.push_back(contender(stand_in.context(), lender, static_cast<MemberIndex>(i)));
  return standing;
}

}  // namespace tandem
