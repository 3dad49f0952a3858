// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/hello.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/net/byte_order.h"

namespace tandem::ha {
namespace {

// A later version appends fields and raises nothing: readers take what they know, by the lengths in front.
enum Flag : std::uint8_t { kReady = 1, kInStep = 2, kLeaving = 4, kHeld = 8, kUnsettled = 16, kHearsOnSync = 32 };
enum LanFlag : std::uint8_t { kLink = 1, kHears = 2, kWitness = 4 };
enum GroupFlag : std::uint8_t { kWants = 1, kPreferred = 2, kCutOff = 4 };

struct [[gnu::packed]] Head {
  std::uint8_t flags, lans, groups, head_bytes, lan_bytes, group_bytes;
  Be16 interval_ms;
  Be64 boot, number, stalled_workers, pair_digest, schedule_digest;
};
struct [[gnu::packed]] LanWire {
  Be32 lan;
  std::uint8_t flags;
};
struct [[gnu::packed]] GroupWire {
  Be32 group;
  std::uint8_t role, flags;
  Be16 term;
};
static_assert(sizeof(Head) == 48 && sizeof(LanWire) == 5 && sizeof(GroupWire) == 8);

constexpr std::uint8_t flag(bool set, std::uint8_t bit) { return set ? bit : std::uint8_t{0}; }

Head head_of(const Hello& hello) {
  Head head{};
  head.flags =
      static_cast<std::uint8_t>(flag(hello.ready, kReady) | flag(hello.in_step, kInStep) | flag(hello.leaving, kLeaving) |
                                flag(hello.held, kHeld) | flag(hello.unsettled, kUnsettled) | flag(hello.hears_on_sync, kHearsOnSync));
  head.lans = static_cast<std::uint8_t>(std::min(hello.lans.size(), kMaxLans));
  head.groups = static_cast<std::uint8_t>(std::min(hello.groups.size(), kMaxGroups));
  head.head_bytes = sizeof(Head), head.lan_bytes = sizeof(LanWire), head.group_bytes = sizeof(GroupWire);
  head.interval_ms = Be16{static_cast<std::uint16_t>(std::clamp<long>(hello.interval.count(), 1, 65535))};
  head.boot = Be64{hello.boot}, head.number = Be64{hello.number};
  head.stalled_workers = Be64{hello.stalled_workers};
  head.pair_digest = Be64{hello.pair_digest}, head.schedule_digest = Be64{hello.schedule_digest};
  return head;
}

LanWire wire_of(const LanReport& lan) {
  return {Be32{lan.lan}, static_cast<std::uint8_t>(flag(lan.link, kLink) | flag(lan.hears, kHears) | flag(lan.witness, kWitness))};
}

GroupWire wire_of(const GroupReport& group) {
  return {Be32{group.group}, static_cast<std::uint8_t>(group.role),
          static_cast<std::uint8_t>(flag(group.wants, kWants) | flag(group.preferred, kPreferred) | flag(group.cut_off, kCutOff)),
          Be16{group.term}};
}

template <typename T>
void put(std::vector<std::uint8_t>& out, const T& wire) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&wire);
  out.insert(out.end(), bytes, bytes + sizeof wire);
}

template <typename T>
T read(std::span<const std::uint8_t> from) {
  T wire{};
  std::memcpy(&wire, from.data(), sizeof wire);
  return wire;
}

Hello hello_of(const Head& head) {
  Hello hello;
  hello.boot = head.boot.host(), hello.number = head.number.host();
  hello.interval = std::chrono::milliseconds{head.interval_ms.host()};
  hello.ready = head.flags & kReady, hello.in_step = head.flags & kInStep, hello.leaving = head.flags & kLeaving;
  hello.held = head.flags & kHeld, hello.unsettled = head.flags & kUnsettled, hello.hears_on_sync = head.flags & kHearsOnSync;
  hello.stalled_workers = head.stalled_workers.host();
  hello.pair_digest = head.pair_digest.host(), hello.schedule_digest = head.schedule_digest.host();
  return hello;
}

}  // namespace

NameKey name_key(std::string_view name) {  // FNV-1a, 32 bits
  std::uint32_t hash = 2166136261U;
  for (const char letter : name) hash = (hash ^ static_cast<std::uint8_t>(letter)) * 16777619U;
  return hash;
}

std::string_view name_of(Role role) {
  constexpr std::array<std::string_view, 4> names{"starting", "standby", "active", "yielding"};
  return names[static_cast<std::size_t>(role)];
}

bool Hello::hears_anywhere() const {
  return hears_on_sync || std::any_of(lans.begin(), lans.end(), [](const LanReport& lan) { return lan.hears; });
}

const LanReport* Hello::lan(NameKey key) const {
  const auto at = std::find_if(lans.begin(), lans.end(), [&](const LanReport& lan) { return lan.lan == key; });
  return at == lans.end() ? nullptr : &*at;
}

const GroupReport* Hello::group(NameKey key) const {
  const auto at = std::find_if(groups.begin(), groups.end(), [&](const GroupReport& group) { return group.group == key; });
  return at == groups.end() ? nullptr : &*at;
}

std::vector<std::uint8_t> encode(const Hello& hello) {
  std::vector<std::uint8_t> out;
  const Head head = head_of(hello);
  out.reserve(sizeof head + head.lans * sizeof(LanWire) + head.groups * sizeof(GroupWire));
  put(out, head);
  for (const LanReport& lan : std::span{hello.lans}.first(head.lans)) put(out, wire_of(lan));
  for (const GroupReport& group : std::span{hello.groups}.first(head.groups)) put(out, wire_of(group));
  return out;
}

std::optional<Hello> decode_hello(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  const Head head = read<Head>(bytes);
  if (head.head_bytes < sizeof(Head) || head.lan_bytes < sizeof(LanWire) || head.group_bytes < sizeof(GroupWire)) return std::nullopt;
  if (head.lans > kMaxLans || head.groups > kMaxGroups || head.interval_ms.host() == 0) return std::nullopt;
  const std::size_t lans_bytes = std::size_t{head.lans} * head.lan_bytes, groups_bytes = std::size_t{head.groups} * head.group_bytes;
  if (bytes.size() < head.head_bytes + lans_bytes + groups_bytes) return std::nullopt;
  Hello hello = hello_of(head);
  for (std::span<const std::uint8_t> rest = bytes.subspan(head.head_bytes, lans_bytes); !rest.empty();
       rest = rest.subspan(head.lan_bytes)) {
    const auto lan = read<LanWire>(rest);
    hello.lans.push_back({lan.lan.host(), (lan.flags & kLink) != 0, (lan.flags & kHears) != 0, (lan.flags & kWitness) != 0});
  }
  for (std::span<const std::uint8_t> rest = bytes.subspan(head.head_bytes + lans_bytes, groups_bytes); !rest.empty();
       rest = rest.subspan(head.group_bytes)) {
    const auto group = read<GroupWire>(rest);
    if (group.role > static_cast<std::uint8_t>(Role::yielding)) return std::nullopt;
    hello.groups.push_back({group.group.host(), static_cast<Role>(group.role), (group.flags & kWants) != 0, (group.flags & kPreferred) != 0,
                            group.term.host(), (group.flags & kCutOff) != 0});
  }
  return hello;
}

}  // namespace tandem::ha
