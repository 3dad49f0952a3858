// SPDX-License-Identifier: Apache-2.0
// The file that `tandemctl pair init` writes and the operator copies to the other node. It is read by its owner and, where
// the daemon is another user, by the file's group: mode 0600 or 0640, else it is refused.
#pragma once

#include <string>

#include "controlplane/sync/keys.h"

namespace tandem::sync {

Result<PairKeys> load_keys(const std::string& path);

// A new file, 0600. One that is there is never overwritten: the peer may hold its only copy of the seed.
Result<> write_new_keys(const std::string& path, const PairKeys& keys);

// In the place of one that is there, with its owner, group and mode; a crash leaves the old content or the new.
Result<> replace_keys(const std::string& path, const PairKeys& keys);

// The kernel's random bytes (getrandom(2)).
Chance kernel_chance();

}  // namespace tandem::sync
