// SPDX-License-Identifier: Apache-2.0
// A record of the peer's beside what this worker has: when each was heard, whose word counts, what may be learned of the other's silence.
// Threads: the owning worker alone.
#pragma once

#include <algorithm>

#include "dataplane/flows/learn_flow.h"
#include "dataplane/flows/rival.h"
#include "dataplane/pipeline/connection_end.h"

namespace tandem {

// A record, and what it is to be laid beside.
template <typename Entry>
struct Lesson {
  const WorkerContext& context;
  const Connections<Entry>& connections;
  const SyncRecord& record;
  TableHash hash;

  Life life() const noexcept { return {record.state, record.seen}; }
  ConnDetail& detail(Entry& entry) const noexcept { return connections.table->detail(entry); }
  Life life_of(Entry& entry) const noexcept { return {entry.state, detail(entry).seen}; }
  const ServiceView& service(ServiceId id) const noexcept { return (*context.generation->services)[index(id)]; }
  GroupId group(Entry& entry) const noexcept { return group_of(context, detail(entry).service); }
  bool owns(ServiceId id) const noexcept { return context.roles.is_active(group_of(context, id)); }
  bool owns(Entry& entry) const noexcept { return owns(detail(entry).service); }
  Entry* find() const noexcept { return connections.table->find(hash, key_of<Entry>(record), Direction::from_client); }
  std::uint32_t heard(const Entry& entry) const noexcept { return heard_seconds(context, connections, entry); }
  bool goes_elsewhere(Entry& entry) const noexcept {
    const ConnDetail& own = connections.table->detail(entry);
    return backend_of(*context.generation, entry) != record.backend || entry.backend_port.host() != record.backend_port ||
           own.source_port.host() != record.source_port || own.source_pool != record.pool_index;
  }
};

// For so long the other node has not heard it either.
template <typename Entry>
std::uint16_t silent_ticks(const Lesson<Entry>& lesson) noexcept {
  const auto now = static_cast<std::uint32_t>(lesson.context.now.since_start / std::chrono::seconds{1});
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(now - std::min(now, lesson.record.heard_seconds), kMaxIdleTicks));
}

// Its word is no packet: what counts is when it heard one.
template <typename Entry>
void take_silence(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const Tick tick = lesson.connections.expiry->tick();
  const std::uint16_t silent = silent_ticks(lesson);
  if (silent < entry.idle_ticks(tick)) entry.touch(tick - silent);
}

// Its client came to us since the other node heard it last.
template <typename Entry>
bool is_heard_since(const Lesson<Entry>& lesson, const Entry& entry) noexcept {
  return lesson.heard(entry) > lesson.record.heard_seconds + kSameMomentSeconds;
}

// It went to the other node since.
template <typename Entry>
bool is_heard_there_since(const Lesson<Entry>& lesson, const Entry& entry) noexcept {
  return lesson.record.heard_seconds > lesson.heard(entry) + kSameMomentSeconds;
}

}  // namespace tandem
