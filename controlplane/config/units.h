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
Result<std::string> parse_name(std::string_view text);         // letters, digits, '-' and '_': it stands in paths, globs and metrics
Result<std::string> parse_status_list(std::string_view text);  // "200", "200-299", "200,204": what an http check expects
Result<ServerId> parse_server_id(std::string_view text);       // "0a01": 1 to 15 bytes

// "203.0.113.10:80/tcp", "[2001:db8::10]:53/udp"; a prefix, a range of ports, or all: "203.0.113.64/28:8000-8099/tcp",
// "[2001:db8::/64]:443/tcp", "203.0.113.11:*/udp".
Result<Listen> parse_listen(std::string_view text);
Result<PortRange> parse_ports(std::string_view text);           // "80", "8000-8099", "*"
Result<Endpoint> parse_backend_address(std::string_view text);  // "10.0.0.1:80"; "10.0.0.1" has port 0, its client's

std::string format_duration(milliseconds value);  // the largest unit that says it exactly
std::string format_count(std::uint64_t value);
std::string format_percent(unsigned value);
std::string to_string(const Listen& listen);
std::string to_string(const ServerId& id);
std::string to_string(const PortRange& ports);
std::string show_backend_address(const Endpoint& address);

}  // namespace tandem::config
