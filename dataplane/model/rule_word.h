// SPDX-License-Identifier: Apache-2.0
// What a list of prefixes says of an address, as one number that is compared: of two rules that match, the larger holds. A longer
// prefix is larger than a shorter one, and at the same prefix allow is larger than deny. So what several lists say is joined by
// std::max, whichever list a rule stands in.
#pragma once

#include <cstdint>

namespace tandem {

enum class RuleWord : std::uint16_t { none = 0 };  // none: no prefix matches

constexpr RuleWord rule_word(std::uint8_t length, bool allows) {
  return static_cast<RuleWord>((length + 1U) << 1 | static_cast<unsigned>(allows));
}
constexpr bool denies(RuleWord word) { return word != RuleWord::none && (static_cast<unsigned>(word) & 1U) == 0; }

static_assert(!denies(RuleWord::none) && denies(rule_word(0, false)) && !denies(rule_word(128, true)));
static_assert(rule_word(24, false) > rule_word(16, true) && rule_word(24, true) > rule_word(24, false));

}  // namespace tandem
