// SPDX-License-Identifier: Apache-2.0
// Bytes as text in a JSON string (RFC 4648 4). Threads: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem::api {

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // none: not base64 with its padding

}  // namespace tandem::api
