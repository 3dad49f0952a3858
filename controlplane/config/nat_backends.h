// SPDX-License-Identifier: Apache-2.0
// Where replies of nat services come from, and which service such an address and port proves.
#pragma once

#include <vector>

#include "controlplane/config/build_service.h"
#include "dataplane/model/vip_index.h"

namespace tandem::config {

// A record's backends. A reply proves the service alone where it tells the VIP and its port, and the backend lends itself to nobody.
void add_nat_backends(const ServiceRecord& record, bool lends, GroupId group, std::vector<NatBackendEntry>& entries);

// One entry for each address, protocol and port or range: those that several services share prove none of them, and ranges that
// overlap become one. What lies within a wider one is shared with it.
std::vector<NatBackendEntry> one_entry_each(std::vector<NatBackendEntry> entries);

}  // namespace tandem::config
