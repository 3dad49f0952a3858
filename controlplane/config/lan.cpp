// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/lan.h"

#include <charconv>
#include <optional>

#include "controlplane/config/units.h"

namespace tandem::config {
namespace {

std::optional<std::uint16_t> parse_tag(std::string_view text) {
  constexpr std::uint16_t kMost = 4094;
  std::uint16_t tag = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), tag);
  const bool whole = problem == std::errc{} && end == text.data() + text.size() && !text.starts_with('0');
  return whole && tag <= kMost ? std::optional{tag} : std::nullopt;
}

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(std::string{"'"}.append(text.substr(0, 64)).append("' ").append(why));
}

// What stands before the @, and the tag behind it; 0 where there is none.
struct Tagged {
  std::string_view text;
  std::uint16_t tag = 0;
};

Result<Tagged> split_tag(std::string_view text, std::string_view example) {
  const std::size_t at = text.find('@');
  if (at == text.npos) return Tagged{text};
  const auto tag = parse_tag(text.substr(at + 1));
  if (tag) return Tagged{text.substr(0, at), *tag};
  return refuse(text, std::string{"has no VLAN tag behind the @; expected one as in "}.append(example).append(", 1 to 4094"));
}

std::string with_tag(std::string text, std::uint16_t tag) { return tag == 0 ? text : text.append("@").append(std::to_string(tag)); }

}  // namespace

Result<LanName> parse_lan(std::string_view text) {
  constexpr std::string_view kExpected = "is not a LAN; expected a port's name, or one with a VLAN tag as in inside.20";
  const std::size_t dot = text.find('.');
  const Result<std::string> port = parse_name(text.substr(0, dot));
  if (!port) return refuse(text, kExpected);
  if (dot == text.npos) return LanName{*port, 0};
  const auto tag = parse_tag(text.substr(dot + 1));
  if (!tag) return refuse(text, kExpected);
  return LanName{*port, *tag};
}

// The address is judged first: an operator who forgot it shall not read of tags.
Result<PeerAddress> parse_peer(std::string_view text) {
  const Result<IpAddress> address = parse_address(text.substr(0, text.find('@')));
  if (!address) return fail(address.error());
  return split_tag(text, "203.0.113.3@10").map([&](const Tagged& split) { return PeerAddress{*address, split.tag}; });
}

Result<OwnAddress> parse_own(std::string_view text) {
  const Result<Prefix> prefix = parse_prefix(text.substr(0, text.find('@')));
  if (!prefix) return fail(prefix.error());
  return split_tag(text, "10.0.10.1/24@10").map([&](const Tagged& split) { return OwnAddress{*prefix, split.tag}; });
}

std::string to_string(const PeerAddress& peer) { return with_tag(to_string(peer.address), peer.vlan); }
std::string to_string(const OwnAddress& own) { return with_tag(to_string(static_cast<const Prefix&>(own)), own.vlan); }

}  // namespace tandem::config
