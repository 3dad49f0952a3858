// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace tandem::config::codec {
namespace {

std::string range_text(const Value& value, const std::string& least, const std::string& most, std::string_view got) {
  return std::string{value.key}.append(" must be ").append(least).append("..").append(most).append(", got ").append(got);
}

std::string refused(const Value& value, const Error& error) { return std::string{value.key}.append(": ").append(error.message); }

}  // namespace

std::optional<std::int64_t> read_whole(const Value& value, std::int64_t least, std::int64_t most) {
  if (value.node.kind != TomlKind::whole) return value.refuse_kind("a whole number");
  const std::int64_t whole = value.node.whole;
  if (whole >= least && whole <= most) return whole;
  return value.refuse(Code::out_of_range, range_text(value, std::to_string(least), std::to_string(most), std::to_string(whole)));
}

std::optional<std::uint64_t> read_count(const Value& value, std::uint64_t least, std::uint64_t most) {
  if (value.node.kind == TomlKind::whole) {
    const std::int64_t whole = value.node.whole;
    if (whole >= 0 && static_cast<std::uint64_t>(whole) >= least && static_cast<std::uint64_t>(whole) <= most)
      return static_cast<std::uint64_t>(whole);
    return value.refuse(Code::out_of_range, range_text(value, format_count(least), format_count(most), std::to_string(whole)));
  }
  if (value.node.kind != TomlKind::text) return value.refuse_kind("a count as in 80, \"64k\", \"2M\"");
  const auto count = parse_count(value.node.text);
  if (!count) return value.refuse(Code::bad_count, refused(value, count.error()));
  if (*count >= least && *count <= most) return *count;
  return value.refuse(Code::out_of_range, range_text(value, format_count(least), format_count(most), value.node.text));
}

std::optional<milliseconds> read_duration(const Value& value, milliseconds least, milliseconds most) {
  if (value.node.kind == TomlKind::whole) {
    return value.refuse(Code::bad_duration,
                        std::string{value.key}.append(" needs a unit; expected a duration as in \"250ms\", \"10s\", \"5m\", \"2h\""));
  }
  if (value.node.kind != TomlKind::text) return value.refuse_kind("a duration as in \"250ms\", \"10s\", \"5m\", \"2h\"");
  const auto duration = parse_duration(value.node.text);
  if (!duration) return value.refuse(Code::bad_duration, refused(value, duration.error()));
  if (*duration >= least && *duration <= most) return *duration;
  return value.refuse(Code::out_of_range, range_text(value, format_duration(least), format_duration(most), value.node.text));
}

std::optional<std::string> read_text(const Value& value) {
  constexpr std::size_t kLongest = 4096;
  if (value.node.kind != TomlKind::text) return value.refuse_kind("a string");
  const std::string& text = value.node.text;
  if (text.size() > kLongest) return value.refuse(Code::control_character, value.key + " is longer than 4096 bytes");
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), control))
    return value.refuse(Code::control_character, value.key + " holds a control character");
  return text;
}

std::optional<std::uint16_t> Ticks::read(const Value& value) {
  const auto duration = read_duration(value, kTick, std::numeric_limits<std::uint16_t>::max() * kTick);
  if (!duration) return std::nullopt;
  if (*duration % kTick == milliseconds{0}) return static_cast<std::uint16_t>(*duration / kTick);
  return value.refuse(Code::out_of_range, std::string{value.key}.append(" must be whole seconds, got ").append(value.node.text));
}

std::optional<unsigned> Percent::read(const Value& value) {
  const auto text = read_text(value);
  if (!text) return std::nullopt;
  const Result<unsigned> percent = parse_percent(*text);
  return percent ? std::optional{*percent} : value.refuse(Code::out_of_range, refused(value, percent.error()));
}

std::optional<double> Ratio::read(const Value& value) {
  if (value.node.kind != TomlKind::real && value.node.kind != TomlKind::whole) return value.refuse_kind(expects);
  const double ratio = value.node.kind == TomlKind::real ? value.node.real : static_cast<double>(value.node.whole);
  if (ratio >= 0 && ratio <= 1) return ratio;  // false for NaN
  return value.refuse(Code::out_of_range, range_text(value, "0", "1", show(ratio)));
}

std::string Ratio::show(double value) {
  if (!std::isfinite(value)) return "no finite number";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;  // the shortest that reads back the same
  return std::string{text.data(), end};
}

std::optional<Listen> ListenOn::read(const Value& value) {
  const auto text = read_text(value);
  if (!text) return std::nullopt;
  auto listen = parse_listen(*text);
  if (listen) return *listen;
  return value.refuse(Code::bad_listen, refused(value, listen.error()));
}

std::optional<std::uint16_t> PortNumber::read(const Value& value) {
  if (value.node.kind == TomlKind::whole) {
    const auto whole = read_whole(value, 1, 65535);
    return whole ? std::optional{static_cast<std::uint16_t>(*whole)} : std::nullopt;
  }
  if (value.node.kind != TomlKind::text) return value.refuse_kind(expects);
  const auto port = parse_port(value.node.text);
  return port ? std::optional{*port} : value.refuse(Code::out_of_range, refused(value, port.error()));
}

Result<Prefix> parse_network(std::string_view text) {
  const Result<Prefix> prefix = parse_prefix(text);
  if (!prefix || prefix->network() == prefix->address) return prefix;
  const Prefix network{prefix->network(), prefix->length};
  return fail(std::string{"'"}.append(text).append("' has bits behind its length; expected ").append(to_string(network)));
}

Result<std::string> parse_node_name(std::string_view text) {
  std::string without_dots{text};
  std::replace(without_dots.begin(), without_dots.end(), '.', '-');
  const auto name = parse_name(without_dots);
  if (name) return std::string{text};
  return fail(std::string{"'"}.append(text.substr(0, 64)).append("' is not a name; expected 1 to 63 letters, digits, '-', '_' or '.'"));
}

}  // namespace tandem::config::codec
