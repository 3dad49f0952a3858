// SPDX-License-Identifier: Apache-2.0
// What the nodes tell each other at every interval, on every path: the payload of an authenticated datagram. It is what decides;
// VRRP is what the LAN and third parties see. Groups and LANs are named by a hash of their names, so nodes whose configurations
// differ still understand each other. Pure; decoding is bounded and trusts nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dataplane/model/group.h"

namespace tandem::ha {

using NameKey = std::uint32_t;
NameKey name_key(std::string_view name);

// starting: hears nobody and has not waited long enough. yielding: still serves, and asks the other to take over.
enum class Role : std::uint8_t { starting, standby, active, yielding };
std::string_view name_of(Role role);
constexpr bool serves(Role role) { return role == Role::active || role == Role::yielding; }

inline constexpr std::size_t kMaxLans = 32;

struct LanReport {
  NameKey lan = 0;
  bool link = false;     // carrier, and its transmit queue moves
  bool hears = false;    // the other's hello came by this LAN within the dead time
  bool witness = false;  // somebody who is not the other answered us here of late

  friend bool operator==(const LanReport&, const LanReport&) = default;
};

struct GroupReport {
  NameKey group = 0;
  Role role = Role::starting;
  bool wants = false;      // preferred, in step, and would take it back
  bool preferred = false;  // by configuration
  std::uint16_t term = 0;  // counts take-overs; compare with is_later
  bool cut_off = false;    // most backends of one of its services fail for this node alone

  friend bool operator==(const GroupReport&, const GroupReport&) = default;
};

struct Hello {
  std::uint64_t boot = 0;    // drawn at start: tells a restart from a pause
  std::uint64_t number = 0;  // of intervals since
  std::chrono::milliseconds interval{0};
  bool ready = false;      // may serve: workers run, tables are built
  bool in_step = false;    // the other has been told all of this node's connections
  bool leaving = false;    // is about to stop: take over what it has
  bool held = false;       // an operator wants no role to change
  bool unsettled = false;  // lost a group as unfit a short while ago
  bool hears_on_sync = false;
  std::uint64_t stalled_workers = 0;  // bit w: worker w has made no progress within the dead time
  std::uint64_t pair_digest = 0, schedule_digest = 0;
  std::vector<LanReport> lans;
  std::vector<GroupReport> groups;

  bool hears_anywhere() const;
  const LanReport* lan(NameKey key) const;
  const GroupReport* group(NameKey key) const;
  friend bool operator==(const Hello&, const Hello&) = default;
};

std::vector<std::uint8_t> encode(const Hello& hello);
std::optional<Hello> decode_hello(std::span<const std::uint8_t> bytes);

// Serial number arithmetic (RFC 1982): terms wrap.
constexpr bool is_later(std::uint16_t term, std::uint16_t than) { return static_cast<std::int16_t>(term - than) > 0; }

}  // namespace tandem::ha
