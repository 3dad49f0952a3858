// SPDX-License-Identifier: Apache-2.0
// The one place where the strings of a configuration are read: durations, counts, ports, names, "address:port/protocol".
// Each has its opposite, so that what diff, history and messages show can be pasted back into a file.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "controlplane/config/config.h"

namespace tandem::config {

Result<milliseconds> parse_duration(std::string_view text);    // "250ms", "10s", "5m", "2h", "1d": one number, one unit
Result<std::uint64_t> parse_count(std::string_view text);      // "80", "64k", "2M", "1G": powers of ten
Result<unsigned> parse_percent(std::string_view text);         // "50%": 0…100
Result<std::uint16_t> parse_port(std::string_view text);       // "80": 1…65535
Result<Listen> parse_listen(std::string_view text);            // "203.0.113.10:80/tcp", "[2001:db8::10]:53/udp"
Result<std::string> parse_name(std::string_view text);         // letters, digits, '-' and '_': it stands in paths, globs and metrics
Result<std::string> parse_status_list(std::string_view text);  // "200", "200-299", "200,204": what an http check expects
Result<ServerId> parse_server_id(std::string_view text);       // "0a01": 1 to 15 bytes
bool is_listen_of_later_versions(std::string_view text);       // a range of ports or *, which parse_listen refuses

std::string format_duration(milliseconds value);  // the largest unit that says it exactly
std::string format_count(std::uint64_t value);
std::string format_percent(unsigned value);
std::string to_string(const Listen& listen);
std::string to_string(const ServerId& id);

}  // namespace tandem::config
