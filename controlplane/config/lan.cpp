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

Result<PeerAddress> parse_peer(std::string_view text) {
  const std::size_t at = text.find('@');
  const Result<IpAddress> address = parse_address(text.substr(0, at));
  if (!address) return fail(address.error());
  if (at == text.npos) return PeerAddress{*address, 0};
  const auto tag = parse_tag(text.substr(at + 1));
  if (!tag) return refuse(text, "has no VLAN tag behind the @; expected one as in 203.0.113.3@10, 1 to 4094");
  return PeerAddress{*address, *tag};
}

std::string to_string(const PeerAddress& peer) {
  std::string text = to_string(peer.address);
  return peer.vlan == 0 ? text : text.append("@").append(std::to_string(peer.vlan));
}

}  // namespace tandem::config
