// SPDX-License-Identifier: Apache-2.0
// The key file's text: lines of TOML, each `name = "hex digits"`. Read without toml++, which would leave copies of the secrets
// in freed memory and quote lines in its messages; a message of ours names a line and never its content.
//
//   cluster = "6d1f0a2b3c4d5e6f"
//   hash_seed = "…"               64 digits
//   send = "3f2a"
//   key.3f2a = "…"                64 digits; one or two of these
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "controlplane/sync/keys.h"

namespace tandem::sync {

Result<PairKeys> parse_keys(std::string_view text);
WipedText print_keys(const PairKeys& keys);

}  // namespace tandem::sync
