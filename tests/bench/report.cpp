// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/report.h"

#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

namespace tandem::bench {

void Report::print(const Row& row) const {
  std::printf("%-34s %6s ", row.name().c_str(), row.size().c_str());
  for (const Row::Column& column : row.columns())
    std::printf(tail_ == Tail::shown ? "  %s %.1f (%.1f–%.1f, 99 %%: %.1f)" : "  %s %.1f (%.1f–%.1f)", column.name.c_str(), column.median,
                column.low, column.high, column.p99);
  std::printf("\n");
  std::fflush(stdout);
}

void Report::print() const {
  std::printf("\nTSC %.2f GHz, %s; %s: median (10 %%–90 %%)\n", cycles_per_second_ / 1e9,
              hugepages_ ? "2 MiB pages" : "no reserved 2 MiB pages", unit_.c_str());
}

void Report::write_json(const std::string& path) const {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : rows_) {
    nlohmann::ordered_json one{{"name", row.name()}, {"size", row.size()}};
    for (const Row::Column& column : row.columns())
      one[column.name] = {{"p10", column.low}, {"median", column.median}, {"p90", column.high}, {"p99", column.p99}};
    rows.push_back(std::move(one));
  }
  std::ofstream{path}
      << nlohmann::ordered_json{{"tsc_hz", cycles_per_second_}, {"hugepages", hugepages_}, {"unit", unit_}, {"rows", rows}}.dump(2) << '\n';
}

}  // namespace tandem::bench
