// SPDX-License-Identifier: Apache-2.0
#include "tests/support/lists.h"

#include "common/base/ensure.h"
#include "dataplane/model/prefix_set.h"

namespace tandem::test {
namespace {

Prefix read(const std::string& text) {
  const auto parsed = parse_prefix(text);
  ensure(parsed.has_value());
  return *parsed;
}

}  // namespace

std::shared_ptr<const PrefixRules> rules(const std::vector<std::string>& lines) {
  PrefixSet<std::uint32_t> v4;
  PrefixSet<Uint128> v6;
  for (const std::string& line : lines) {
    const Prefix prefix = read(line.substr(line.find(' ') + 1));
    const RuleWord rule = rule_word(prefix.length, line.starts_with("allow"));
    if (prefix.address.family == Family::ipv4) v4.put({number_of(prefix.address.v4()), prefix.length}, rule);
    else v6.put({number_of(prefix.address.v6()), prefix.length}, rule);
  }
  return std::make_shared<const PrefixRules>(v4.ranges(), v6.ranges());
}

std::shared_ptr<const GuardView> guard(const std::vector<std::string>& lines, std::uint64_t version,
                                       const std::vector<std::string>& newly) {
  GuardView view{rules(lines), version, newly.empty() ? version : version - 1, {}};
  for (const std::string& prefix : newly) view.recent.push_back({version, read(prefix)});
  return std::make_shared<const GuardView>(std::move(view));
}

}  // namespace tandem::test
