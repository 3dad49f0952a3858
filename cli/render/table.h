// SPDX-License-Identifier: Apache-2.0
// Rows as an aligned table for people, or tab-separated for scripts. Columns are declared once, with both forms of a cell.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/render/look.h"
#include "cli/render/numbers.h"

namespace tandem::cli {

struct Cell {
  Cell(std::string shown, Tone in = Tone::plain) : text{shown}, raw{std::move(shown)}, tone{in} {}
  Cell(std::string shown, std::string for_scripts, Tone in = Tone::plain) : text{std::move(shown)}, raw{std::move(for_scripts)}, tone{in} {}

  std::string text, raw;
  Tone tone;
};

inline Cell count_cell(std::uint64_t value) { return {compact(static_cast<double>(value)), std::to_string(value)}; }
inline Cell rate_cell(double value) { return {compact(value), cli::raw(value)}; }
inline Cell bytes_cell(std::uint64_t value) { return {bytes(static_cast<double>(value)), std::to_string(value)}; }
inline Cell state_cell(const std::string& state) { return {state, tone_of(state)}; }

enum class Shown : std::uint8_t { always, wide, table_only, plain_only };  // wide: in wide tables and in plain

struct Heading {
  std::string title, key;  // key: heads the column in plain, named as the API's field
  Shown shown = Shown::always;
};

struct Grid {
  std::vector<Heading> headings;
  std::vector<std::vector<Cell>> rows;
};

std::string render(const Grid& grid, const Look& look);

template <typename Row>
struct Column {
  std::string title, key;
  std::function<Cell(const Row&)> cell;
  Shown shown = Shown::always;
};

template <typename Row>
using Columns = std::vector<Column<Row>>;

template <typename Row>
std::string table(const Columns<Row>& columns, const std::vector<Row>& rows, const Look& look) {
  Grid grid;
  for (const Column<Row>& column : columns) grid.headings.push_back({column.title, column.key, column.shown});
  for (const Row& row : rows) {
    grid.rows.emplace_back();
    for (const Column<Row>& column : columns) grid.rows.back().push_back(column.cell(row));
  }
  return render(grid, look);
}

// Names with their values, one a line.
using Facts = std::vector<std::pair<std::string, Cell>>;
std::string render(const Facts& facts, const Look& look);

}  // namespace tandem::cli
