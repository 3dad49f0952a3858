// SPDX-License-Identifier: Apache-2.0
// Who may answer from a nat backend's address and port: given once for each service that has it or borrows it, kept as one entry with
// its sharers. Threads: a control thread that builds an index.
#pragma once

#include <vector>

#include "dataplane/model/vip_index.h"

namespace tandem {

// A service whose connections a backend may have, as it listens.
struct NatUser {
  ServiceId service{};
  Protocol protocol{};
  PortRange ports;
  std::uint8_t host_bits = 0;  // of its VIPs
  GroupId group = kNoGroup;
};

// One of its backends; port 0: it is asked at its client's port. A reply proves the service where it tells the VIP and its port; else the
// entry's service is kNoService.
NatBackendEntry nat_backend_of(const NatUser& user, const Endpoint& backend, BackendSlot slot) noexcept;

struct NatBackends {
  std::vector<NatBackendEntry> entries;  // no two of one address, protocol and port or range; ranges that overlap become one
  std::vector<NatSharer> sharers;
};

// The order of `given` is that of sharers. Those told apart are of exactly one address, protocol and port or range, and each proves its
// service; ranges that overlap, and what lies within a wider one, prove none.
NatBackends one_entry_each(std::vector<NatBackendEntry> given);

}  // namespace tandem
