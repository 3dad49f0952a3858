// SPDX-License-Identifier: Apache-2.0
#include "cli/render/table.h"

#include <algorithm>
#include <numeric>

#include "cli/render/safe_text.h"

namespace tandem::cli {
namespace {

constexpr std::size_t kGap = 2, kNarrowest = 6;

bool is_shown(Shown shown, Format format) {
  switch (shown) {
    case Shown::always:
      return true;
    case Shown::wide:
      return format != Format::table;
    case Shown::table_only:
      return format != Format::plain;
    case Shown::plain_only:
      return format == Format::plain;
  }
  return true;
}

std::vector<std::size_t> shown_columns(const Grid& grid, Format format) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < grid.headings.size(); ++i)
    if (is_shown(grid.headings[i].shown, format)) out.push_back(i);
  return out;
}

std::string plain(const Grid& grid, const Look& look) {
  const std::vector<std::size_t> columns = shown_columns(grid, look.format);
  std::string out;
  const auto line = [&](auto&& text_of) {
    for (const std::size_t column : columns) out.append(column == columns.front() ? "" : "\t").append(text_of(column));
    out += '\n';
  };
  if (look.header) line([&](std::size_t column) { return grid.headings[column].key; });
  for (const std::vector<Cell>& row : grid.rows) line([&](std::size_t column) { return printable(row[column].raw); });
  return out;
}

// One line of a table; what would not fit its column ends in an ellipsis.
class Line {
 public:
  explicit Line(const Look& look) : look_{look} {}
  void add(std::string text, Tone tone, std::size_t width) {
    out_.append(pending_, ' ');
    if (cells(text) > width) text = std::string{first_cells(text, width - 1)} + "…";
    pending_ = width - cells(text) + kGap;
    out_ += paint(text, tone, look_);
  }
  std::string end() { return out_ + "\n"; }

 private:
  const Look& look_;
  std::string out_;
  std::size_t pending_ = 0;  // blanks are written before the next cell only, so that no line ends in them
};

std::string shown_text(const Cell& cell) { return cell.text.empty() ? "-" : printable(cell.text); }

std::vector<std::size_t> natural_widths(const Grid& grid, const std::vector<std::size_t>& columns, const Look& look) {
  std::vector<std::size_t> widths;
  for (const std::size_t column : columns) {
    std::size_t width = look.header ? cells(grid.headings[column].title) : 1;
    for (const std::vector<Cell>& row : grid.rows) width = std::max(width, cells(shown_text(row[column])));
    widths.push_back(width);
  }
  return widths;
}

// The widest column gives way first.
void fit(std::vector<std::size_t>& widths, std::size_t room) {
  const auto total = [&] { return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1)); };
  for (std::size_t over = total() > room ? total() - room : 0; over > 0; --over) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) return;
    --*widest;
  }
}

std::string aligned(const Grid& grid, const Look& look) {
  const std::vector<std::size_t> columns = shown_columns(grid, look.format);
  std::vector<std::size_t> widths = natural_widths(grid, columns, look);
  if (look.width > 0) fit(widths, look.width);
  std::string out;
  const auto line = [&](auto&& add) {
    Line one{look};
    for (std::size_t i = 0; i < columns.size(); ++i) add(one, columns[i], widths[i]);
    out += one.end();
  };
  if (look.header)
    line([&](Line& one, std::size_t column, std::size_t width) { one.add(grid.headings[column].title, Tone::heading, width); });
  for (const std::vector<Cell>& row : grid.rows)
    line([&](Line& one, std::size_t column, std::size_t width) { one.add(shown_text(row[column]), row[column].tone, width); });
  return out;
}

}  // namespace

std::string render(const Grid& grid, const Look& look) { return look.format == Format::plain ? plain(grid, look) : aligned(grid, look); }

std::string render(const Facts& facts, const Look& look) {
  std::size_t width = 0;
  for (const auto& [name, cell] : facts) width = std::max(width, cells(name));
  std::string out;
  for (const auto& [name, cell] : facts) {
    if (look.format == Format::plain) {
      out.append(name).append("\t").append(printable(cell.raw)).append("\n");
      continue;
    }
    Line line{look};
    line.add(name, Tone::heading, width);
    const std::string text = shown_text(cell);
    line.add(text, cell.tone, cells(text));
    out += line.end();
  }
  return out;
}

}  // namespace tandem::cli
