// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/port_spans.h"

#include <algorithm>

namespace tandem {
namespace {

std::vector<Prefix> sites_of(std::span<const PortSpan> spans) {
  std::vector<Prefix> sites;
  for (const PortSpan& each : spans) sites.push_back(each.at);
  std::ranges::sort(sites);
  const auto doubled = std::ranges::unique(sites);
  sites.erase(doubled.begin(), doubled.end());
  return sites;
}

}  // namespace

PortSpans::PortSpans(std::span<const PortSpan> spans) : sites_{sites_of(spans)} {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const PortSpan& each = spans[i];
    const auto site = static_cast<std::size_t>(std::ranges::lower_bound(sites_.prefixes(), each.at) - sites_.prefixes().begin());
    runs_.push_back(
        {key_of(site, each.protocol, width_of(each.ports), each.ports.first), each.ports.last(), static_cast<std::uint32_t>(i)});
  }
  std::ranges::sort(runs_, {}, &Run::key);
}

std::size_t PortSpans::find(const IpAddress& address, Protocol protocol, std::uint16_t port) const noexcept {
  std::size_t found = 0;
  sites_.walk(address, [&](std::size_t site) { return (found = find_at(site, protocol, port)) != 0; });
  return found;
}

// Of each width the last run that begins at the port or before it is the only one that may hold it.
std::size_t PortSpans::find_at(std::size_t site, Protocol protocol, std::uint16_t port) const noexcept {
  for (unsigned width = 0; width < kWidths; ++width) {
    const std::uint64_t least = key_of(site, protocol, Width{static_cast<std::uint8_t>(width)}, 0);
    const auto behind = std::ranges::upper_bound(runs_, least | port, {}, &Run::key);
    if (behind == runs_.begin()) continue;
    const Run& run = *std::prev(behind);
    if (run.key >= least && port <= run.last) return run.place + 1;
  }
  return 0;
}

}  // namespace tandem
