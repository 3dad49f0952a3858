// SPDX-License-Identifier: Apache-2.0
// Codecs (codec.h) made of others: one of several words, perhaps nothing, a list, a table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/config/suggest.h"
#include "controlplane/config/value.h"

namespace tandem::config::codec {

template <typename T>
struct Word {
  std::string_view word;
  T value{};
  bool later = false;  // known, but not yet built in this version
};

template <typename T>
Word(std::string_view, T, bool = false) -> Word<T>;  // gcc deduces this by itself, clang 16 does not

template <const auto& kWords>
struct Choice {
  using type = decltype(kWords.front().value);
  static constexpr std::string_view expects = "one of the words below";
  static std::optional<type> read(const Value& value) {
    if (value.node.kind != TomlKind::text) return value.refuse_kind("a string");
    std::vector<std::string_view> known;
    std::string list;
    for (const auto& word : kWords) {
      if (word.word == value.node.text && word.later) return value.refuse(Code::later_version, later_text(value));
      if (word.word == value.node.text) return word.value;
      if (word.later) continue;
      known.push_back(word.word);
      list.append(list.empty() ? "\"" : ", \"").append(word.word).append("\"");
    }
    std::string text = std::string{value.key}
                           .append(" must be one of ")
                           .append(list)
                           .append(", got \"")
                           .append(value.node.text.substr(0, 64))
                           .append("\"");
    return value.refuse(Code::not_a_choice, std::move(text), did_you_mean(value.node.text, known));
  }
  static std::string show(type value) {
    for (const auto& word : kWords) {
      if (word.value == value && !word.later) return std::string{word.word};
    }
    return "?";
  }
  static std::string later_text(const Value& value) {
    return std::string{value.key}.append(" \"").append(value.node.text).append("\" is not yet built in this version");
  }
};

template <typename Codec>
struct Optional {
  using type = std::optional<typename Codec::type>;
  static constexpr std::string_view expects = Codec::expects;
  static std::optional<type> read(const Value& value) {
    auto inner = Codec::read(value);
    return inner ? std::optional<type>{type{std::move(*inner)}} : std::nullopt;
  }
  static std::string show(const type& value) { return value ? Codec::show(*value) : std::string{}; }
};

// A list; where kOneAlone it has at least one item, and a single one may stand without brackets.
template <typename Codec, bool kOneAlone = false>
struct List {
  using type = std::vector<typename Codec::type>;
  static constexpr std::string_view expects = Codec::expects;
  static std::optional<type> read(const Value& value) {
    type out;
    if (value.node.kind != TomlKind::list) {
      if (!kOneAlone) return value.refuse_kind(std::string{"a list, each item "}.append(expects));
      auto one = Codec::read(value);
      if (!one) return std::nullopt;
      value.reading.places.set(value.path + "[0]", value.node.place);
      out.push_back(std::move(*one));
      return out;
    }
    if (kOneAlone && value.node.items.empty()) return value.refuse(Code::empty_value, value.key + " needs at least one item");
    bool whole = true;
    for (const Toml& node : value.node.items) {
      const Value item = value.item(node, "[" + std::to_string(out.size()) + "]");
      auto read = Codec::read(item);
      whole = whole && read;
      if (!read) continue;
      value.reading.places.set(item.path, node.place);
      out.push_back(std::move(*read));
    }
    return whole ? std::optional{std::move(out)} : std::nullopt;
  }
  static std::string show(const type& values) {
    std::string text;
    for (const auto& value : values) text.append(text.empty() ? "" : ", ").append(Codec::show(value));
    return text;
  }
};

template <typename KeyCodec, typename Codec>
struct MapOf {
  using type = std::map<typename KeyCodec::type, typename Codec::type>;
  static constexpr std::string_view expects = Codec::expects;
  static std::optional<type> read(const Value& value) {
    if (value.node.kind != TomlKind::table) return value.refuse_kind("a table");
    type out;
    bool whole = true;
    for (const TomlEntry& entry : value.node.entries) {
      Toml key_node;
      key_node.kind = TomlKind::text, key_node.text = entry.key, key_node.place = entry.place;
      const auto key = KeyCodec::read(value.item(key_node, ""));
      auto read = Codec::read(value.item(entry.value, ""));
      whole = whole && key && read;
      if (!key || !read) continue;
      value.reading.places.set(value.path + "/" + KeyCodec::show(*key), entry.value.place);
      if (out.emplace(*key, std::move(*read)).second) continue;
      whole = false;  // two spellings of one address
      value.item(key_node, "")
          .refuse(Code::value_repeated, std::string{value.key}.append(": ").append(KeyCodec::show(*key)).append(" is given twice"));
    }
    return whole ? std::optional{std::move(out)} : std::nullopt;
  }
  static std::string show(const type& values) {
    std::string text;
    for (const auto& [key, value] : values)
      text.append(text.empty() ? "" : ", ").append(KeyCodec::show(key)).append(" = ").append(Codec::show(value));
    return text;
  }
};

}  // namespace tandem::config::codec
