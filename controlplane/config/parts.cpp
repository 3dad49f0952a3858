// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/parts.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tandem::config {
namespace {

struct Section {
  std::string_view key;
  Part part;
  bool repeats = false;
};
constexpr std::array<Section, 8> kSections{{{"node", Part::node},
                                            {"dataplane", Part::node},
                                            {"port", Part::node, true},
                                            {"sync", Part::node},
                                            {"ha", Part::pair},
                                            {"protect", Part::pair},
                                            {"group", Part::pair, true},
                                            {"service", Part::pair, true}}};

const Section* find_section(std::string_view key) {
  const auto* const found = std::find_if(kSections.begin(), kSections.end(), [key](const Section& each) { return each.key == key; });
  return found == kSections.end() ? nullptr : found;
}

// A heading, or a key with its value; with the comments and empty lines above it.
struct Statement {
  std::string_view text;
  bool under_heading = false;
  Part part = Part::node;
};

std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at++];
  for (; at < text.size() && text[at] != '\n' && text[at] != quote; ++at) {
    if (text[at] == '\\' && quote == '"') ++at;
  }
  return std::min(at, text.size());
}

// One past the line end that ends the statement beginning at `at`: the first outside of strings, comments and brackets.
std::size_t end_of_statement(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') at = end_of_string(text, at);
    if (c == '#') at = std::min(text.find('\n', at), text.size());
    depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    if (at < text.size() && text[at] == '\n' && depth <= 0) return at + 1;
  }
  return text.size();
}

std::size_t skip_comments(std::string_view text, std::size_t at) {
  for (;;) {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    if (at == text.size() || text[at] != '#') return at;
    at = std::min(text.find('\n', at), text.size());
  }
}

// The first word of a statement: "service" of [[service.backend]], of service = [ … ] and of "service".x = 1.
std::string_view first_key(std::string_view statement) {
  const std::size_t begin = std::min(statement.find_first_not_of(" \t[\"'"), statement.size());
  return statement.substr(begin, statement.find_first_of(" \t.=]\"'\n", begin) - begin);
}

std::string_view without_mark(std::string_view text) { return text.substr(text.starts_with("\xef\xbb\xbf") ? 3 : 0); }

std::vector<Statement> statements_of(std::string_view text) {
  std::vector<Statement> out;
  bool under_heading = false;
  Part part = Part::node;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t word = skip_comments(text, begin), end = end_of_statement(text, word);
    const bool heading = text.substr(word).starts_with('[');
    under_heading |= heading;
    if (heading || !under_heading) {
      const Section* const section = find_section(first_key(text.substr(word, end - word)));
      part = section == nullptr ? Part::node : section->part;
    }
    out.push_back({text.substr(begin, end - begin), under_heading, part});
    begin = end;
  }
  return out;
}

void append_line(std::string& to, std::string_view text) {
  to.append(text);
  if (!text.ends_with('\n')) to.append("\n");
}

}  // namespace

Part part_of_file(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);  // npos + 1 is 0
  return name == file_of(Part::node) ? Part::node : name == file_of(Part::pair) ? Part::pair : Part::whole;
}

Part part_of_section(std::string_view key) {
  const Section* const section = find_section(key);
  return section == nullptr ? Part::whole : section->part;
}

std::string heading_of(std::string_view section) {
  const Section* const found = find_section(section);
  const bool repeats = found != nullptr ? found->repeats : section == "service.backend";
  return std::string{repeats ? "[[" : "["}.append(section).append(repeats ? "]]" : "]");
}

std::string_view file_of(Part part) { return part == Part::node ? "node.toml" : part == Part::pair ? "pair.toml" : "tandem.toml"; }

std::string cut(std::string_view text, Part part) {
  std::string out;
  for (const Statement& statement : statements_of(without_mark(text)))
    if (statement.part == part) append_line(out, statement.text);
  return out;
}

// Keys above the first heading would fall under the other file's last one, so all of them go first.
std::string join(std::string_view node, std::string_view pair) {
  std::string out;
  for (const bool under_heading : {false, true})
    for (const std::string_view text : {without_mark(node), without_mark(pair)})
      for (const Statement& statement : statements_of(text))
        if (statement.under_heading == under_heading) append_line(out, statement.text);
  return out;
}

}  // namespace tandem::config
