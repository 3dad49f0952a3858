// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flow_face.h"

#include <algorithm>

#include "dataplane/flows/learn_flow.h"

namespace tandem {

std::size_t FlowFace::take_changes(WorkerId worker, std::span<SyncRecord> room) noexcept {
  SpscRing<SyncRecord>& told = flows(worker).told;
  std::size_t taken = 0;
  while (taken < room.size() && told.pop(room[taken])) ++taken;
  if (taken != 0) workers_[index(worker)]->wake();  // it may have stopped telling for want of room
  return taken;
}

bool FlowFace::apply(const SyncRecord& record) noexcept {
  const TableHash hash =
      record.client.family == Family::ipv4 ? hasher_(key_of<ConnEntry4>(record).client) : hasher_(key_of<ConnEntry6>(record).client);
  const WorkerId owner = owner_of(static_cast<std::uint32_t>(hash >> 32), owners_);
  const bool pushed = flows(owner).heard.push(record);
  workers_[index(owner)]->wake();
  given_[index(owner)] += pushed ? 1 : 0;
  return pushed;
}

bool FlowFace::request_refresh(WorkerId worker, const SyncRecord& told) noexcept {
  return flows(worker).doubted.push({told.handle, told.client.family, told.order()});
}

void FlowFace::set_peer_full(bool full) noexcept {
  for (const auto& worker : workers_) worker->flows().peer_full.store(full, std::memory_order_relaxed);
}

std::optional<std::uint32_t> FlowFace::read_sums(FlowSide side, std::size_t first, std::span<std::uint64_t> sums) noexcept {
  std::ranges::fill(sums, 0);
  std::optional<std::uint32_t> groups;
  for (const auto& worker : workers_) {
    const std::optional<std::uint32_t> of = worker->flow_sums().read(side, first, sums);
    if (!of || (groups && *groups != *of)) return std::nullopt;
    groups = of;
  }
  return groups;
}

bool FlowFace::is_past_mark() const noexcept {
  return std::ranges::all_of(workers_, [this](const auto& worker) {
    const std::size_t w = index(worker->id());
    return given_[w] - worker->flows().heard.size() >= marked_[w];
  });
}

bool FlowFace::mend(std::span<const std::uint16_t> own, std::span<const std::uint16_t> held) noexcept {
  if (!std::ranges::all_of(workers_, [](const auto& worker) { return worker->flows().mend.is_done(); })) return false;
  for (const auto& worker : workers_) {
    MendOrder& order = worker->flows().mend;
    order.begin();
    for (const std::uint16_t bucket : own) order.add(FlowSide::own, bucket);
    for (const std::uint16_t bucket : held) order.add(FlowSide::held, bucket);
    order.give();
  }
  return true;
}

}  // namespace tandem
