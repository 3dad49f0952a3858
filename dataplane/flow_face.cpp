// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flow_face.h"

#include "dataplane/worker/learn_flow.h"

namespace tandem {

std::size_t FlowFace::take_changes(WorkerId worker, std::span<SyncRecord> room) noexcept {
  SpscRing<SyncRecord>& told = flows(worker).told;
  std::size_t taken = 0;
  while (taken < room.size() && told.pop(room[taken])) ++taken;
  return taken;
}

bool FlowFace::apply(const SyncRecord& record) noexcept {
  const TableHash hash =
      record.client.family == Family::ipv4 ? hasher_(key_of<ConnEntry4>(record).client) : hasher_(key_of<ConnEntry6>(record).client);
  return flows(owner_of(static_cast<std::uint32_t>(hash >> 32), owners_)).heard.push(record);
}

}  // namespace tandem
