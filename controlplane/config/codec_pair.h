// SPDX-License-Identifier: Apache-2.0
// The kinds of values that only a pair's keys have.
#pragma once

#include <array>

#include "controlplane/config/codec.h"
#include "controlplane/config/codec_shapes.h"
#include "controlplane/config/lan.h"

namespace tandem::config::codec {

inline constexpr std::array kGroupMacWords{Word{"virtual", GroupMac::virtual_mac}, Word{"node", GroupMac::node_mac}};

struct LanWords {
  static constexpr std::string_view expects = "a LAN: a port's name, or port.vlan as in \"inside.20\"";
};
struct PeerWords {
  static constexpr std::string_view expects = "an IP address, with @ and the tag on a VLAN: \"203.0.113.3@10\"";
};
using LanKey = Parsed<LanName, parse_lan, Code::bad_lan, LanWords>;
struct OwnWords {
  static constexpr std::string_view expects = "a prefix as in \"10.0.0.1/24\", with @ and the tag on a VLAN: \"10.0.10.1/24@10\"";
};
using OwnOn = Parsed<OwnAddress, parse_own, Code::bad_prefix, OwnWords>;
using PeerOn = Parsed<PeerAddress, parse_peer, Code::bad_address, PeerWords>;

struct Vrid : Whole<std::uint8_t, 1, 255> {
  static std::optional<std::uint8_t> read(const Value& value) {
    // Without quotes TOML takes inside.20 for a 20 in a table `inside`.
    if (value.node.kind != TomlKind::table) return Whole::read(value);
    return value.refuse(Code::bad_lan, value.key + ": a LAN with a VLAN tag stands in quotes, as in \"inside.20\" = 11");
  }
};

// An address that need not be there; the unspecified one stands for none.
struct MaybeAddress {
  using type = IpAddress;
  static constexpr std::string_view expects = Address::expects;
  static std::optional<IpAddress> read(const Value& value) { return Address::read(value); }
  static std::string show(const IpAddress& value) { return value.is_unspecified() ? std::string{} : to_string(value); }
};

// A duration, or "auto".
template <typename Codec>
struct Automatic {
  using type = std::optional<typename Codec::type>;
  static constexpr std::string_view expects = "\"auto\", or a duration as in \"50ms\", \"1s\"";
  static std::optional<type> read(const Value& value) {
    if (value.node.kind == TomlKind::text && value.node.text == "auto") return type{};
    auto given = Codec::read(value);
    return given ? std::optional<type>{type{std::move(*given)}} : std::nullopt;
  }
  static std::string show(const type& value) { return value ? Codec::show(*value) : "auto"; }
};

}  // namespace tandem::config::codec
