// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/nat_backends.h"

#include <algorithm>
#include <tuple>

namespace tandem::config {
namespace {

auto place_of(const NatBackendEntry& entry) { return std::tuple{entry.address, entry.protocol}; }

// All ports and a range do not merge: what is asked for first is the narrower one (dataplane/model/port_spans.h).
unsigned width_of(const NatBackendEntry& entry) { return entry.ports().is_one() ? 0 : entry.ports().is_all() ? 2 : 1; }

void share(NatBackendEntry& entry, const NatBackendEntry& with) { entry.service = kNoService, entry.groups |= with.groups; }

bool merge(NatBackendEntry& last, const NatBackendEntry& next) {
  if (place_of(last) != place_of(next) || width_of(last) != width_of(next) || !last.ports().overlaps(next.ports())) return false;
  const std::uint16_t end = std::max(last.ports().last(), next.ports().last());
  last.more_ports = static_cast<std::uint16_t>(end - last.port);
  share(last, next);
  return true;
}

// Each with the wider ones of its address and protocol that hold one of its ports.
void share_with_wider(std::span<NatBackendEntry> entries) {
  for (const NatBackendEntry& wide : entries) {
    if (!wide.is_wide()) continue;
    for (NatBackendEntry& entry : entries)
      if (width_of(entry) < width_of(wide) && entry.ports().overlaps(wide.ports())) share(entry, wide);
  }
}

}  // namespace

void add_nat_backends(const ServiceRecord& record, bool lends, GroupId group, std::vector<NatBackendEntry>& entries) {
  const Listen& listen = record.listen();
  for (const Member& member : record.members()) {
    if (!member.serves()) continue;
    const bool keeps_port = member.address.port == 0;
    const PortRange ports = keeps_port ? listen.ports() : PortRange{member.address.port, 0};
    const bool tells_port = listen.ports().is_one() || (keeps_port && !ports.is_all());  // at all ports it may be a client itself
    const bool proves = listen.host_bits == 0 && tells_port && !lends;
    entries.push_back({member.address.address, listen.protocol, ports.first, proves ? record.id() : kNoService, member.slot,
                       1U << index(group), ports.more});
  }
}

std::vector<NatBackendEntry> one_entry_each(std::vector<NatBackendEntry> entries) {
  const auto order = [](const NatBackendEntry& entry) { return std::tuple{place_of(entry), width_of(entry), entry.port}; };
  std::ranges::stable_sort(entries, {}, order);
  std::vector<NatBackendEntry> out;
  for (const NatBackendEntry& entry : entries)
    if (out.empty() || !merge(out.back(), entry)) out.push_back(entry);
  for (auto first = out.begin(); first != out.end();) {
    const auto last = std::ranges::find_if(first, out.end(), [&](const auto& each) { return place_of(each) != place_of(*first); });
    share_with_wider({first, last});
    first = last;
  }
  return out;
}

}  // namespace tandem::config
