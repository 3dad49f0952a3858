// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/line.h"

#include <array>
#include <charconv>

namespace tandem::guard {
namespace {

constexpr std::size_t kFields = 9, kLongestText = 200;

std::string seconds_of(const std::optional<WallTime>& time) { return std::to_string(time ? time->time_since_epoch().count() : 0); }

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0 ? std::optional{value} : std::nullopt;
}

std::optional<std::array<std::string_view, kFields>> split(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    const std::size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i == kFields - 1)) return std::nullopt;
    fields[i] = line.substr(0, tab);
    if (tab != std::string_view::npos) line.remove_prefix(tab + 1);
  }
  return fields;
}

bool read_verdict(std::string_view text, Entry& entry) {
  entry.word.gone = text.starts_with('-');
  if (entry.word.gone) text.remove_prefix(1);
  entry.place.verdict = text == "allow" ? Verdict::allow : Verdict::deny;
  return text == to_string(entry.place.verdict);
}

}  // namespace

std::string plain_text(std::string_view text) {
  std::string out{text.substr(0, kLongestText)};
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return out;
}

std::string to_line(const Entry& entry) {
  const Author& author = *entry.word.author;
  std::string line = std::to_string(entry.word.id);
  line.append("\t").append(author.node).append(entry.word.gone ? "\t-" : "\t").append(to_string(entry.place.verdict));
  line.append("\t").append(to_string(entry.place.prefix)).append("\t").append(entry.place.service.empty() ? "-" : entry.place.service);
  line.append("\t").append(seconds_of(entry.word.time)).append("\t").append(seconds_of(entry.word.ends));
  return line.append("\t").append(author.user).append("\t").append(author.reason);
}

Result<Entry> read_line(std::string_view line) {
  const auto wrong = [&] { return fail("no entry of a deny list: '" + plain_text(line) + "'"); };
  const auto fields = split(line);
  if (!fields) return wrong();
  const auto& [id, node, verdict, prefix, service, time, ends, user, reason] = *fields;
  Entry entry;
  const Result<Prefix> read = parse_prefix(prefix);
  const auto id_number = number(id), time_number = number(time), end_number = number(ends);
  if (!read || !id_number || !time_number || !end_number || !read_verdict(verdict, entry)) return wrong();
  if (read->network() != read->address) return wrong();
  entry.place.prefix = *read;
  if (service != "-") entry.place.service = service;
  entry.word.id = static_cast<std::uint64_t>(*id_number);
  entry.word.time = WallTime{std::chrono::seconds{*time_number}};
  if (*end_number != 0) entry.word.ends = WallTime{std::chrono::seconds{*end_number}};
  entry.word.author = std::make_shared<const Author>(Author{std::string{user}, std::string{reason}, std::string{node}});
  return entry;
}

Result<std::vector<Entry>> read_lines(std::string_view text) {
  std::vector<Entry> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    Result<Entry> entry = read_line(text.substr(0, end));
    if (!entry) return fail(entry.error());
    // One author for all that he said in a row.
    if (!out.empty() && *out.back().word.author == *entry->word.author) entry->word.author = out.back().word.author;
    out.push_back(std::move(*entry));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace tandem::guard
