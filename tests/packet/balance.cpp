// SPDX-License-Identifier: Apache-2.0
#include "tests/packet/balance.h"

#include <vector>

namespace tandem::test {

namespace {

struct Term {
  std::string name;
  std::uint64_t count = 0;
};

std::uint64_t sum_of(const std::vector<Term>& terms) {
  std::uint64_t sum = 0;
  for (const Term& term : terms) sum += term.count;
  return sum;
}

std::string text_of(const std::vector<Term>& terms) {
  std::string text;
  for (const Term& term : terms) text += (text.empty() ? "" : " + ") + term.name + " " + std::to_string(term.count);
  return text + " = " + std::to_string(sum_of(terms));
}

std::uint64_t total(std::span<const WorkerCounters* const> counters, Counter WorkerCounters::*which) {
  std::uint64_t sum = 0;
  for (const WorkerCounters* one : counters) sum += (one->*which).get();
  return sum;
}

std::uint64_t dropped(std::span<const WorkerCounters* const> counters, std::size_t reason) {
  std::uint64_t sum = 0;
  for (const WorkerCounters* one : counters) sum += one->dropped[reason].get();
  return sum;
}

// Each reason is a term of its own, so that the text shows which one was counted.
std::vector<Term> drops(const Balance& seen, std::span<const WorkerCounters* const> counters) {
  std::vector<Term> terms;
  for (std::size_t reason = 0; reason < kDropReasons; ++reason)
    if (const std::uint64_t count = dropped(counters, reason); count != 0)
      terms.push_back({"dropped " + std::string{kDropReasonTexts[reason].name}, count});
  for (const auto& [reason, count] : seen.given_up) terms.push_back({"given up " + reason, count});
  return terms;
}

}  // namespace

std::string what_is_missing(const Balance& seen, std::span<const WorkerCounters* const> counters) {
  const std::vector<Term> in{{"rx", seen.rx}, {"injected", seen.injected}, {"originated", total(counters, &WorkerCounters::originated)}};
  std::vector<Term> out{{"sent", seen.sent},     {"consumed", total(counters, &WorkerCounters::consumed)},
                        {"punted", seen.punted}, {"to the pair", seen.to_pair},
                        {"held", seen.held},     {"in flight", seen.handed_out - seen.handed_in}};
  for (const Term& term : drops(seen, counters)) out.push_back(term);
  if (sum_of(in) == sum_of(out)) return {};
  return "the balance does not hold: " + text_of(in) + ", but " + text_of(out);
}

}  // namespace tandem::test
