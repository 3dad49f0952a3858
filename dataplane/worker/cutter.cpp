// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/cutter.h"

#include "dataplane/pipeline/count_flow.h"
#include "dataplane/pipeline/cut.h"
#include "dataplane/pipeline/new_entry.h"

namespace tandem {

namespace {

template <typename Entry>
bool owns(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  return context.roles.is_active(group_of(context, connections.table->detail(entry).service));
}

template <typename Entry>
void cut_ordered(const WorkerContext& context, const Connections<Entry>& connections, const CutOrder& order) noexcept {
  using Address = typename Entry::AddressType;
  const typename Entry::Key key{
      {address_as<Address>(order.client), Be16{order.client_port}, order.protocol}, address_as<Address>(order.vip), Be16{order.vip_port}};
  Entry* const entry = connections.table->find((*context.hasher)(key.client), key, Direction::from_client);
  if (entry != nullptr && owns(context, connections, *entry)) cut_silent(context, connections, *entry);
}

}  // namespace

bool Cutter::turn(const WorkerContext& context) noexcept {
  const bool obeyed = obey(context);
  return sweep(context) || obeyed;
}

bool Cutter::obey(const WorkerContext& context) noexcept {
  CutOrder order;
  std::size_t taken = 0;
  while (taken < kSlice && context.own_segments->has_room() && orders_.pop(order)) {
    ++taken;
    if (order.client.family == Family::ipv4) cut_ordered(context, context.connections4, order);
    else cut_ordered(context, context.connections6, order);
  }
  return taken != 0;
}

bool Cutter::sweep(const WorkerContext& context) noexcept {
  if (context.generation->cuts != seen_cuts_) seen_cuts_ = context.generation->cuts, sweeping_ = true, next4_ = next6_ = 0;
  if (!sweeping_ || !context.own_segments->has_room(2 * kSlice)) return sweeping_;
  if (next4_ < context.connections4.table->slots()) next4_ = slice(context, context.connections4, next4_);
  else if (next6_ < context.connections6.table->slots()) next6_ = slice(context, context.connections6, next6_);
  else sweeping_ = false;
  return true;
}

template <typename Entry>
std::size_t Cutter::slice(const WorkerContext& context, const Connections<Entry>& connections, std::size_t from) noexcept {
  return connections.table->walk(from, kSlice, [&](Entry& entry) {
    const BackendView& view = (*context.generation->backends)[index(entry.backend_slot)];
    if (view.fate == Fate::cut && entry.belongs_to(view) && owns(context, connections, entry)) cut_silent(context, connections, entry);
  });
}

}  // namespace tandem
