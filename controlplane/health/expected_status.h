// SPDX-License-Identifier: Apache-2.0
// Which HTTP statuses count as good: "200", "200-399", "200,204,301-302".
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::health {

class ExpectedStatus {
 public:
  static std::optional<ExpectedStatus> parse(std::string_view text);
  bool matches(long status) const;

 private:
  std::vector<std::pair<long, long>> ranges_;  // both ends included
};

}  // namespace tandem::health
