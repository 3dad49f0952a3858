// SPDX-License-Identifier: Apache-2.0
// Who may answer from a nat backend's address and port: given once for each service that has it or borrows it, kept as one entry with
// its sharers. Threads: a control thread that builds an index.
#pragma once

#include <vector>

#include "dataplane/model/vip_index.h"

namespace tandem {

struct NatBackends {
  std::vector<NatBackendEntry> entries;  // no two of one address, protocol and port
  std::vector<NatSharer> sharers;
};

// The order of `given` is that of sharers.
NatBackends one_entry_each(std::vector<NatBackendEntry> given);

}  // namespace tandem
