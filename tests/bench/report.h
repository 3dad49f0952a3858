// SPDX-License-Identifier: Apache-2.0
// Results of one program, all in one unit, as a table on screen and as JSON: rows of named samples, each with its median and where 80 % of
// them lie.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/bench/samples.h"

namespace tandem::bench {

class Row {
 public:
  Row(std::string name, std::string size) : name_{std::move(name)}, size_{std::move(size)} {}
  Row& set(const std::string& column, const Samples& samples) {
    columns_.push_back({column, samples.low(), samples.median(), samples.high(), samples.quantile(0.99)});
    return *this;
  }

  struct Column {
    std::string name;
    double low, median, high, p99;
  };
  const std::string& name() const { return name_; }
  const std::string& size() const { return size_; }
  const std::vector<Column>& columns() const { return columns_; }

 private:
  std::string name_, size_;
  std::vector<Column> columns_;
};

enum class Tail : std::uint8_t { hidden, shown };  // on screen: where 99 % lie

class Report {
 public:
  Report(double cycles_per_second, bool hugepages, std::string unit = "TSC cycles per packet", Tail tail = Tail::hidden)
      : cycles_per_second_{cycles_per_second}, hugepages_{hugepages}, unit_{std::move(unit)}, tail_{tail} {}
  double cycles_per_second() const { return cycles_per_second_; }
  void add(Row row) {
    print(row);  // as they come: a full run takes minutes
    rows_.push_back(std::move(row));
  }
  void print() const;
  void write_json(const std::string& path) const;

 private:
  void print(const Row& row) const;

  double cycles_per_second_;
  bool hugepages_;
  std::string unit_;
  Tail tail_;
  std::vector<Row> rows_;
};

}  // namespace tandem::bench
