// SPDX-License-Identifier: Apache-2.0
#include "cli/render/redraw.h"

#include <sstream>

namespace tandem::cli {
namespace {

constexpr const char *kHome = "\x1b[H", *kClearLine = "\x1b[K", *kClearBelow = "\x1b[J", *kReverse = "\x1b[7m", *kNormal = "\x1b[0m";

// Cells of a table stand two blanks apart; each keeps the blanks before it.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < line.size();) {
    const std::size_t word = std::min(line.find_first_not_of(' ', start), line.size());
    const std::size_t end = std::min(line.find("  ", word), line.size());
    out.push_back(line.substr(start, end - start));
    start = end;
  }
  return out;
}

std::string_view word_of(std::string_view cell) { return cell.substr(std::min(cell.find_first_not_of(' '), cell.size())); }

std::string mark_changes(const std::string& line, const std::string& before) {
  const std::vector<std::string> cells = split(line), old = split(before);
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view word = word_of(cells[i]);
    const bool same = i < old.size() && word == word_of(old[i]);
    out.append(cells[i], 0, cells[i].size() - word.size());
    same ? out.append(word) : out.append(kReverse).append(word).append(kNormal);
  }
  return out;
}

}  // namespace

std::string Redraw::frame(const std::string& page, bool marked) {
  std::vector<std::string> lines;
  std::istringstream in{page};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string out = kHome;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool mark = marked && !last_.empty();
    out.append(mark ? mark_changes(lines[i], i < last_.size() ? last_[i] : "") : lines[i]).append(kClearLine).append("\n");
  }
  last_ = std::move(lines);
  return out.append(kClearBelow);
}

}  // namespace tandem::cli
