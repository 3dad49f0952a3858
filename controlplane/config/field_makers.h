// SPDX-License-Identifier: Apache-2.0
// One entry of the tables of keys: a value, a section within, one that need not be there, or one that repeats.
// For fields_*.cpp alone, which hold the tables.
#pragma once

#include <array>

#include "controlplane/config/codec.h"
#include "controlplane/config/codec_shapes.h"
#include "controlplane/config/fields.h"
#include "controlplane/config/read_table.h"

namespace tandem::config {

// Each table is in one of fields_*.cpp.
template <>
std::span<const Field<Node>> fields_of();
template <>
std::span<const Field<PuntRates>> fields_of();
template <>
std::span<const Field<Dataplane>> fields_of();
template <>
std::span<const Field<Port>> fields_of();
template <>
std::span<const Field<Sync>> fields_of();
template <>
std::span<const Field<Ha>> fields_of();
template <>
std::span<const Field<Group>> fields_of();
template <>
std::span<const Field<Protect>> fields_of();
template <>
std::span<const Field<Timeouts>> fields_of();
template <>
std::span<const Field<Limits>> fields_of();
template <>
std::span<const Field<Check>> fields_of();
template <>
std::span<const Field<Passive>> fields_of();
template <>
std::span<const Field<QuicIdForm>> fields_of();
template <>
std::span<const Field<Backend>> fields_of();
template <>
std::span<const Field<Service>> fields_of();
template <>
std::span<const Field<Config>> fields_of();

template <typename T>
struct MemberOf;
template <typename Owner, typename T>
struct MemberOf<T Owner::*> {
  using owner = Owner;
  using type = T;
};

// One value.
template <auto kMember, typename Codec, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> key(std::string_view name, bool required = false) {
  static_assert(std::is_same_v<typename MemberOf<decltype(kMember)>::type, typename Codec::type>);
  return {name, required,
          [](const Value& value, Owner& owner) {
            if (auto read = Codec::read(value)) owner.*kMember = std::move(*read);
          },
          [](const Owner& owner, const std::string& path, Shown& shown) {
            if (std::string text = Codec::show(owner.*kMember); !text.empty()) shown.emplace(path, std::move(text));
          },
          [](const std::string& section, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            keys.push_back({section, own_name, Codec::expects, needed});
          }};
}

// A section within: [dataplane.punt], or punt = { … }.
template <auto kMember, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> section(std::string_view name) {
  using Inner = typename MemberOf<decltype(kMember)>::type;
  return {name, false, [](const Value& value, Owner& owner) { read_section(value, owner.*kMember); },
          [](const Owner& owner, const std::string& path, Shown& shown) { show_fields(owner.*kMember, path, shown); },
          [](const std::string& outer, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            list_section<Inner>(outer, own_name, needed, keys);
          }};
}

// A section that need not be there: absent is not the same as all defaults.
template <auto kMember, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> optional_section(std::string_view name) {
  using Inner = typename MemberOf<decltype(kMember)>::type::value_type;
  return {name, false, [](const Value& value, Owner& owner) { read_section(value, (owner.*kMember).emplace()); },
          [](const Owner& owner, const std::string& path, Shown& shown) {
            if (owner.*kMember) show_fields(*(owner.*kMember), path, shown);
          },
          [](const std::string& outer, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            list_section<Inner>(outer, own_name, needed, keys);
          }};
}

// Sections that repeat and have names: [[service.backend]].
template <auto kMember, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> sections(std::string_view name) {
  using Inner = typename MemberOf<decltype(kMember)>::type::value_type;
  return {name, false, [](const Value& value, Owner& owner) { read_sections(value, owner.*kMember); },
          [](const Owner& owner, const std::string& path, Shown& shown) {
            for (const Inner& part : owner.*kMember) show_fields(part, path + "." + part.name, shown);
          },
          [](const std::string& outer, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            list_section<Inner>(outer, own_name, needed, keys);
          }};
}

inline constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace tandem::config
