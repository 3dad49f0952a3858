// SPDX-License-Identifier: Apache-2.0
// How each kind of value is read from a file and shown again. A codec has `type`, `expects` (for messages and the manual),
// read() which reports what it refuses, and show() whose text could stand in a file: canonical, so that equal values have equal texts.
#pragma once

#include <concepts>

#include "controlplane/config/config.h"
#include "controlplane/config/device.h"
#include "controlplane/config/units.h"
#include "controlplane/config/value.h"

namespace tandem::config::codec {

std::optional<std::int64_t> read_whole(const Value& value, std::int64_t least, std::int64_t most);
std::optional<milliseconds> read_duration(const Value& value, milliseconds least, milliseconds most);
std::optional<std::uint64_t> read_count(const Value& value, std::uint64_t least, std::uint64_t most);
std::optional<std::string> read_text(const Value& value);

template <typename Int, std::int64_t kLeast, std::int64_t kMost>
struct Whole {
  using type = Int;
  static constexpr std::string_view expects = "a whole number";
  static std::optional<Int> read(const Value& value) {
    const auto whole = read_whole(value, kLeast, kMost);
    return whole ? std::optional{static_cast<Int>(*whole)} : std::nullopt;
  }
  static std::string show(Int value) { return std::to_string(value); }
};

template <typename Int, std::uint64_t kLeast, std::uint64_t kMost>
struct Count {
  using type = Int;
  static constexpr std::string_view expects = "a count as in 80, \"64k\", \"2M\"";
  static std::optional<Int> read(const Value& value) {
    const auto count = read_count(value, kLeast, kMost);
    return count ? std::optional{static_cast<Int>(*count)} : std::nullopt;
  }
  static std::string show(Int value) { return format_count(value); }
};

template <std::int64_t kLeastMs, std::int64_t kMostMs>
struct Duration {
  using type = milliseconds;
  static constexpr std::string_view expects = "a duration as in \"250ms\", \"10s\", \"5m\", \"2h\"";
  static std::optional<milliseconds> read(const Value& value) {
    return read_duration(value, milliseconds{kLeastMs}, milliseconds{kMostMs});
  }
  static std::string show(milliseconds value) { return format_duration(value); }
};

// A duration in whole ticks of the connection table: seconds.
struct Ticks {
  using type = std::uint16_t;
  static constexpr std::string_view expects = "a duration in whole seconds, 1s to 18h";
  static std::optional<std::uint16_t> read(const Value& value);
  static std::string show(std::uint16_t value) { return format_duration(value * kTick); }
};

struct Percent {
  using type = unsigned;
  static constexpr std::string_view expects = "a percentage as in \"50%\"";
  static std::optional<unsigned> read(const Value& value);
  static std::string show(unsigned value) { return format_percent(value); }
};

struct Ratio {
  using type = double;
  static constexpr std::string_view expects = "a number from 0 to 1";
  static std::optional<double> read(const Value& value);
  static std::string show(double value);
};

struct Truth {
  using type = bool;
  static constexpr std::string_view expects = "true or false";
  static std::optional<bool> read(const Value& value) {
    return value.node.kind == TomlKind::truth ? std::optional{value.node.truth} : value.refuse_kind(expects);
  }
  static std::string show(bool value) { return value ? "true" : "false"; }
};

struct Text {
  using type = std::string;
  static constexpr std::string_view expects = "a string";
  static std::optional<std::string> read(const Value& value) { return read_text(value); }
  static std::string show(const std::string& value) { return value; }
};

// A string that `parse` turns into a T, or refuses with a sentence.
template <typename T, Result<T> (*parse)(std::string_view), Code kCode, typename Words>
struct Parsed {
  using type = T;
  static constexpr std::string_view expects = Words::expects;
  static std::optional<T> read(const Value& value) {
    const auto text = read_text(value);
    if (!text) return std::nullopt;
    Result<T> parsed = parse(*text);
    if (!parsed) return value.refuse(kCode, std::string{value.key}.append(": ").append(parsed.error().message));
    return std::move(*parsed);
  }
  static std::string show(const T& value) {
    if constexpr (std::same_as<T, std::string>) return value;
    else return to_string(value);
  }
};

Result<Prefix> parse_network(std::string_view text);         // a prefix without host bits: a route's destination
Result<std::string> parse_node_name(std::string_view text);  // as parse_name, and dots: host names are good names

struct NameWords {
  static constexpr std::string_view expects = "a name: letters, digits, '-', '_'";
};
struct DeviceWords {
  static constexpr std::string_view expects = "a device as in \"0000:3b:00.0\", \"af_xdp:eth1\"";
};
struct MacWords {
  static constexpr std::string_view expects = "a MAC address";
};
struct AddressWords {
  static constexpr std::string_view expects = "an IP address";
};
struct PrefixWords {
  static constexpr std::string_view expects = "a prefix as in \"10.0.0.1/24\"";
};
struct EndpointWords {
  static constexpr std::string_view expects = "address and port as in \"10.0.0.1:80\"";
};
struct ServerIdWords {
  static constexpr std::string_view expects = "bytes in hexadecimal as in \"0a01\"";
};
struct StatusWords {
  static constexpr std::string_view expects = "HTTP statuses as in \"200\", \"200-299\", \"200,204\"";
};

using Name = Parsed<std::string, parse_name, Code::bad_name, NameWords>;
using NodeName = Parsed<std::string, parse_node_name, Code::bad_name, NameWords>;
using Device = Parsed<std::string, parse_device_text, Code::bad_device, DeviceWords>;
using Mac = Parsed<MacAddress, parse_mac, Code::bad_mac, MacWords>;
using Address = Parsed<IpAddress, parse_address, Code::bad_address, AddressWords>;
using InterfaceAddress = Parsed<Prefix, parse_prefix, Code::bad_prefix, PrefixWords>;
using Network = Parsed<Prefix, parse_network, Code::bad_prefix, PrefixWords>;
using ServerIdText = Parsed<ServerId, parse_server_id, Code::bad_server_id, ServerIdWords>;
using StatusList = Parsed<std::string, parse_status_list, Code::bad_status_list, StatusWords>;

struct ListenOn {
  using type = Listen;
  static constexpr std::string_view expects = "address, port and protocol as in \"203.0.113.10:80/tcp\"";
  static std::optional<Listen> read(const Value& value);
  static std::string show(const Listen& value) { return to_string(value); }
};

// The port may be left out: its client's then.
struct BackendAddress : Parsed<Endpoint, parse_backend_address, Code::bad_endpoint, EndpointWords> {
  static std::string show(const Endpoint& value) { return show_backend_address(value); }
};

struct PortNumber {
  using type = std::uint16_t;
  static constexpr std::string_view expects = "a port, 1 to 65535";
  static std::optional<std::uint16_t> read(const Value& value);
  static std::string show(std::uint16_t value) { return std::to_string(value); }
};

}  // namespace tandem::config::codec
