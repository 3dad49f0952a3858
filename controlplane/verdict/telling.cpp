// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/telling.h"

#include <algorithm>
#include <utility>

namespace tandem::verdict {
namespace {

constexpr std::string_view kSights = "?ufd", kVerdicts = "?ud";
constexpr char kKept = 'k', kNotHis = '.';

char verdict_letter(const Told& told) {
  if (!told.verdict) return kNotHis;
  return told.kept ? kKept : kVerdicts[static_cast<std::size_t>(*told.verdict)];
}

std::string word_of(const Told& told) {
  std::string out = " " + told.backend;
  out += kSights[static_cast<std::size_t>(told.sight)];
  return out += verdict_letter(told);
}

// Up to `end`, which is taken off too.
std::string_view cut(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

bool read_verdict(char letter, Told& told) {
  if (letter == kNotHis) return true;
  told.kept = letter == kKept;
  const std::size_t at = told.kept ? static_cast<std::size_t>(Verdict::down) : kVerdicts.find(letter);
  if (at >= kVerdicts.size()) return false;
  told.verdict = static_cast<Verdict>(at);
  return true;
}

std::optional<Told> read_word(std::string_view service, std::string_view word) {
  if (word.size() < 3 || word.size() > kLongestName + 2) return std::nullopt;
  const std::size_t sight = kSights.find(word[word.size() - 2]);
  if (sight >= kSights.size()) return std::nullopt;
  Told told{std::string{service}, std::string{word.substr(0, word.size() - 2)}, static_cast<Sight>(sight), std::nullopt, false};
  return read_verdict(word.back(), told) ? std::optional{std::move(told)} : std::nullopt;
}

bool read_service(std::string_view line, Telling& telling) {
  const std::string_view service = cut(line, ' ');
  if (service.empty() || service.size() > kLongestName || line.empty()) return false;
  while (!line.empty()) {
    std::optional<Told> told = read_word(service, cut(line, ' '));
    if (!told || telling.backends.size() >= kMostTold) return false;
    telling.backends.push_back(std::move(*told));
  }
  return true;
}

}  // namespace

std::vector<std::string> write(const Telling& telling, std::size_t part_bytes) {
  std::vector<std::string> parts{telling.all ? "all" : "some"};
  std::string_view service;
  for (const Told& told : telling.backends) {
    const std::string word = word_of(told);
    if (parts.back().size() + 1 + told.service.size() + word.size() > part_bytes) parts.emplace_back("some"), service = {};
    if (told.service != service) parts.back() += "\n" + told.service;
    service = told.service;
    parts.back() += word;
  }
  return parts;
}

std::optional<Telling> read_telling(std::string_view text) {
  const std::string_view kind = cut(text, '\n');
  if (kind != "all" && kind != "some") return std::nullopt;
  Telling telling{kind == "all", {}};
  while (!text.empty())
    if (!read_service(cut(text, '\n'), telling)) return std::nullopt;
  return telling;
}

}  // namespace tandem::verdict
