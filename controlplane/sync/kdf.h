// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA256 (RFC 2104) and HKDF-SHA256 (RFC 5869), for outputs of one block: every key and tag of ours has at most 32 bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "controlplane/sync/secret.h"

namespace tandem::sync {

using Bytes = std::span<const std::uint8_t>;
inline Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

Secret hmac_sha256(Bytes key, Bytes message);
Secret hkdf_extract(Bytes salt, Bytes key_material);
Secret hkdf_expand(const Secret& key, Bytes info);  // the first 32 bytes; `info` has at most 64

// Equal, found out in a time that does not tell where they differ.
bool equal_in_constant_time(Bytes a, Bytes b);

}  // namespace tandem::sync
