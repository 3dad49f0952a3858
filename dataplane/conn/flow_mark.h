// SPDX-License-Identifier: Apache-2.0
// What a connection adds to the sums (flow_sums.h): a bucket that follows from its tuple alone, and a hash of all that both nodes
// must agree on: tuple, backend, source port, (term, incarnation). Keyed, with the key both nodes share, so that nobody can choose
// connections that cancel out; not the table's hash, whose kind may differ between the nodes' processors.
#pragma once

#include <array>
#include <bit>
#include <cstring>

#include "common/net/siphash.h"
#include "dataplane/conn/entry.h"
#include "dataplane/conn/flow_sums.h"

namespace tandem {

struct FlowMark {
  std::uint16_t bucket = 0;
  std::uint64_t value = 0;
};

template <typename Entry>
FlowMark mark_of(const SipKey& key, const Entry& entry, const ConnDetail& detail, const IpAddress& backend_address) noexcept {
  using Key = typename Entry::Key;
  using Words = std::array<std::uint64_t, sizeof(Key) / sizeof(std::uint64_t)>;
  static_assert(sizeof(Words) == sizeof(Key));
  const std::uint64_t tuple = siphash13_words(key, std::bit_cast<Words>(entry.client_key()));

  const auto backend = std::bit_cast<std::array<std::uint64_t, 2>>(backend_address.bytes);
  const std::uint64_t ports =
      entry.backend_port.wire | std::uint64_t{detail.source_port.wire} << 16 | std::uint64_t{detail.source_pool} << 32;
  const std::uint64_t order = std::uint64_t{detail.order.term} << 48 | detail.order.incarnation;
  return {static_cast<std::uint16_t>(tuple % kFlowBuckets), siphash13_words(key, std::array{tuple, backend[0], backend[1], ports, order})};
}

}  // namespace tandem
