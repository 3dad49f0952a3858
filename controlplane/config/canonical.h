// SPDX-License-Identifier: Apache-2.0
// A configuration in one agreed form: equal configurations give equal text, however they were written. Comments, order of
// sections and spelling of values ("60s" or "1m") do not count.
#pragma once

#include <string>

#include "controlplane/config/config.h"
#include "controlplane/config/fields.h"

namespace tandem::config {

Shown canonical(const Config& config);

// SHA-256 of the canonical form, first 12 hex digits: what `config_hash` shows.
std::string hash_of(const Config& config);

// The same of what both nodes of a pair share: [ha], groups, services. Equal on both, whatever else each says of itself.
std::string pair_hash_of(const Config& config);

}  // namespace tandem::config
