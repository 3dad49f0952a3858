// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/document.h"

#include <stdexcept>

namespace tandem::config {
namespace {

// toml++ 3.3 asserts what a hostile text can break ("[.a]"): that must refuse the text, not end the daemon.
struct BrokenAssumption : std::logic_error {
  using std::logic_error::logic_error;
};
constexpr void assume(bool holds) {
  if (!holds) throw BrokenAssumption{"unexpected character"};
}

}  // namespace
}  // namespace tandem::config

#define TOML_ASSERT(expr) ::tandem::config::assume(static_cast<bool>(expr))
#define TOML_HEADER_ONLY 1
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

#include <algorithm>
#include <variant>

#include "controlplane/config/text_guard.h"

namespace tandem::config {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr int kMaxSyntaxErrors = 8;

Place place_of(const toml::source_region& region) {
  const bool one_line = region.begin.line == region.end.line && region.end.column > region.begin.column;
  return {region.begin.line, region.begin.column, one_line ? region.end.column - region.begin.column : 1};
}

Toml convert(const toml::node& from);

void convert_table(const toml::table& from, Toml& to) {
  for (const auto& [key, value] : from) to.entries.push_back({std::string{key.str()}, place_of(key.source()), convert(value)});
  const auto where = [](const TomlEntry& e) { return std::pair{e.place.line, e.place.column}; };
  std::stable_sort(to.entries.begin(), to.entries.end(), [&](const TomlEntry& a, const TomlEntry& b) { return where(a) < where(b); });
}

Toml convert(const toml::node& from) {
  Toml to;
  to.place = place_of(from.source());
  if (const auto* table = from.as_table()) {
    convert_table(*table, to);
  } else if (const auto* list = from.as_array()) {
    to.kind = TomlKind::list;
    for (const toml::node& item : *list) to.items.push_back(convert(item));
  } else if (const auto* text = from.as_string()) {
    to.kind = TomlKind::text, to.text = text->get();
  } else if (const auto* whole = from.as_integer()) {
    to.kind = TomlKind::whole, to.whole = whole->get();
  } else if (const auto* real = from.as_floating_point()) {
    to.kind = TomlKind::real, to.real = real->get();
  } else if (const auto* truth = from.as_boolean()) {
    to.kind = TomlKind::truth, to.truth = truth->get();
  } else {
    to.kind = TomlKind::time;
  }
  return to;
}

void set_file(Toml& tree, std::uint8_t file) {
  tree.place.file = file;
  for (Toml& item : tree.items) set_file(item, file);
  for (TomlEntry& entry : tree.entries) entry.place.file = file, set_file(entry.value, file);
}

struct SyntaxError {
  Place place;
  std::string text;
  Code code = Code::syntax;
};

// The one place where toml++ may throw.
std::variant<Toml, SyntaxError> parse_or_throw(std::string_view text) {
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return SyntaxError{place_of(error.source()), std::string{error.description()}};
  }
}

bool breaks_an_assumption(std::string_view text) {
  try {
    parse_or_throw(text);
    return false;
  } catch (const BrokenAssumption&) {
    return true;
  }
}

// The first line with which the text breaks an assumption: the parser reads forwards, so halving finds it.
std::uint32_t breaking_line(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) ends.push_back(at);
  ends.push_back(text.size());
  const auto first =
      std::partition_point(ends.begin(), ends.end() - 1, [text](std::size_t end) { return !breaks_an_assumption(text.substr(0, end)); });
  return static_cast<std::uint32_t>(first - ends.begin()) + 1;
}

std::variant<Toml, SyntaxError> parse(std::string_view text) {
  if (const auto refusal = find_refusal(text)) return SyntaxError{refusal->place, std::string{refusal->text}, refusal->code};
  try {
    return parse_or_throw(text);
  } catch (const BrokenAssumption& broken) {
    return SyntaxError{{breaking_line(text), 1, 1}, broken.what()};
  } catch (const std::exception& error) {
    return SyntaxError{{}, error.what()};
  }
}

// Overwrites a line with blanks, so that all others keep their places.
void blank_line(std::string& text, std::uint32_t number) {
  std::size_t begin = 0;
  for (std::uint32_t i = 1; i < number && begin != text.npos; ++i) {
    begin = text.find('\n', begin);
    if (begin != text.npos) ++begin;
  }
  if (begin == text.npos || begin >= text.size()) return;
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
}

// toml++ says "Error while parsing key-value pair: encountered …"; the code says already that it is an error.
std::string in_our_words(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  return description.starts_with(kPrefix) ? std::string{description.substr(kPrefix.size())} : std::string{description};
}

}  // namespace

std::string_view to_string(TomlKind kind) {
  constexpr std::string_view kWords[] = {"a string",       "a whole number", "a decimal number", "true or false",
                                         "a date or time", "a list",         "a table"};
  return kWords[static_cast<std::size_t>(kind)];
}

const Toml* Toml::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [key](const TomlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

std::optional<Toml> read_document(std::string_view text, std::uint8_t file, Report& report) {
  if (text.size() > kMaxBytes) {
    report.add(Code::too_large, {.file = file},
               std::string{"the file has "}.append(std::to_string(text.size())).append(" bytes; at most 1 MiB is read"));
    return {};
  }
  std::string rest{text};
  std::uint32_t last_line = 0;
  for (int i = 0; i < kMaxSyntaxErrors; ++i) {
    auto outcome = parse(rest);
    if (auto* tree = std::get_if<Toml>(&outcome)) {
      set_file(*tree, file);
      return std::move(*tree);
    }
    SyntaxError& error = std::get<SyntaxError>(outcome);
    error.place.file = file;
    // An error in the line after the last one is most often its echo: a list that was never closed, for instance.
    if (i > 0 && (error.place.line == last_line || error.place.line == last_line + 1)) return {};
    report.add(error.code, error.place, in_our_words(error.text));
    last_line = error.place.line;
    blank_line(rest, last_line);
  }
  return {};
}

}  // namespace tandem::config
