// SPDX-License-Identifier: Apache-2.0
// Whose connection a nat backend's packet without an entry belongs to (docs/design/adoption.md). Threads: pure, any worker.
#pragma once

#include <optional>

#include "dataplane/pipeline/newcomer.h"

namespace tandem {

// The newcomer that the packet's client would be at the service, and the slot that the backend is there. Of several services that share
// it the one whose candidates for this client include it; none when that is so for several or for none: it proves nothing.
template <typename Entry>
struct Proof {
  Newcomer<Entry> newcomer;
  BackendSlot slot = kNoBackend;
};

template <typename Entry>
std::optional<Proof<Entry>> proven_by(const Pass& pass, Packet& packet, const NatBackendEntry& backend) noexcept;

extern template std::optional<Proof<ConnEntry4>> proven_by(const Pass&, Packet&, const NatBackendEntry&) noexcept;
extern template std::optional<Proof<ConnEntry6>> proven_by(const Pass&, Packet&, const NatBackendEntry&) noexcept;

}  // namespace tandem
