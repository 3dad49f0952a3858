// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/nat_backends.h"

#include <algorithm>
#include <tuple>

namespace tandem {

namespace {

using Entries = std::span<NatBackendEntry>;

auto place_of(const NatBackendEntry& entry) { return std::tuple{entry.address, entry.protocol}; }

// All ports and a range do not merge: what is asked for first is the narrower one (port_spans.h).
unsigned width_of(const NatBackendEntry& entry) { return entry.ports().is_one() ? 0 : entry.ports().is_all() ? 2 : 1; }

auto span_of(const NatBackendEntry& entry) { return std::tuple{place_of(entry), width_of(entry), entry.port, entry.more_ports}; }

// Calls work(run) for each run of neighbours that have the same key.
template <typename Key, typename Work>
void for_each_run(Entries entries, Key&& key, Work&& work) {
  for (auto first = entries.begin(); first != entries.end();) {
    const auto last = std::find_if(first, entries.end(), [&](const auto& each) { return key(each) != key(*first); });
    work(Entries{first, last});
    first = last;
  }
}

void prove_nothing(NatBackendEntry& entry, std::uint32_t more_groups) {
  entry.service = kNoService, entry.groups |= more_groups, entry.sharers = 0;
}

// All of `same` have one key.
void add_one_for(Entries same, NatBackends& out) {
  NatBackendEntry& entry = out.entries.emplace_back(same.front());
  if (same.size() == 1) return;
  const bool told_apart = std::ranges::none_of(same, [](const auto& each) { return each.service == kNoService; });
  for (const NatBackendEntry& each : same) prove_nothing(entry, each.groups);
  if (!told_apart) return;
  entry.first_sharer = static_cast<std::uint32_t>(out.sharers.size()), entry.sharers = static_cast<std::uint32_t>(same.size());
  for (const NatBackendEntry& each : same) out.sharers.push_back({each.service, each.slot});
}

bool merge(NatBackendEntry& last, const NatBackendEntry& next) {
  if (place_of(last) != place_of(next) || width_of(last) != width_of(next) || !last.ports().overlaps(next.ports())) return false;
  const std::uint16_t end = std::max(last.ports().last(), next.ports().last());
  last.more_ports = static_cast<std::uint16_t>(end - last.port);
  prove_nothing(last, next.groups);
  return true;
}

void merge_overlapping(std::vector<NatBackendEntry>& entries) {
  std::vector<NatBackendEntry> out;
  for (const NatBackendEntry& entry : entries)
    if (out.empty() || !merge(out.back(), entry)) out.push_back(entry);
  entries = std::move(out);
}

// Each with the wider ones of its address and protocol that hold one of its ports.
void share_with_wider(Entries entries) {
  for (const NatBackendEntry& wide : entries) {
    if (!wide.is_wide()) continue;
    for (NatBackendEntry& entry : entries)
      if (width_of(entry) < width_of(wide) && entry.ports().overlaps(wide.ports())) prove_nothing(entry, wide.groups);
  }
}

}  // namespace

// At all ports a backend may be a client itself.
NatBackendEntry nat_backend_of(const NatUser& user, const Endpoint& backend, BackendSlot slot) noexcept {
  const bool keeps_port = backend.port == 0;
  const PortRange ports = keeps_port ? user.ports : PortRange{backend.port, 0};
  const bool tells_port = user.ports.is_one() || (keeps_port && !ports.is_all());
  const bool proves = user.host_bits == 0 && tells_port;
  return {backend.address, user.protocol, ports.first, proves ? user.service : kNoService, slot, 1U << index(user.group), ports.more};
}

NatBackends one_entry_each(std::vector<NatBackendEntry> given) {
  std::ranges::stable_sort(given, {}, span_of);
  NatBackends out;
  for_each_run(given, span_of, [&](Entries same) { add_one_for(same, out); });
  merge_overlapping(out.entries);
  for_each_run(out.entries, place_of, share_with_wider);
  return out;
}

}  // namespace tandem
