// SPDX-License-Identifier: Apache-2.0
// What an ICMP error quotes, found byte by byte as the RFCs have it (791, 8200, 792, 4443): slow, obvious, and sharing nothing with
// packet/quote.cpp, which is held against it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "dataplane/stats/drop_reason.h"

namespace tandem::test {

struct SlowQuote {
  DropReason wrong = DropReason::count_;
  std::size_t l4_offset = 0, bytes = 0;
  unsigned protocol = 0, source_port = 0, target_port = 0;
};

namespace slow {

using View = std::span<const std::uint8_t>;

inline SlowQuote fails(DropReason reason) { return {.wrong = reason}; }
inline unsigned word(View from, std::size_t at) { return from[at] * 256U + from[at + 1]; }

inline SlowQuote transport(View quote, std::size_t at, unsigned protocol) {
  if (protocol != 6 && protocol != 17) return fails(DropReason::icmp_error_unknown_flow);
  if (quote.size() < at + 8) return fails(DropReason::bad_icmp_quote);
  return {DropReason::count_, at, quote.size(), protocol, word(quote, at), word(quote, at + 2)};
}

inline SlowQuote ipv4(View quote) {
  if (quote.size() < 20 || quote[0] / 16 != 4 || quote[0] % 16 < 5) return fails(DropReason::bad_icmp_quote);
  if (word(quote, 6) % 8192 != 0) return fails(DropReason::icmp_quotes_fragment);
  const std::size_t end = std::min<std::size_t>(quote.size(), word(quote, 2));
  return transport(quote.first(end), quote[0] % 16 * 4U, quote[9]);
}

inline SlowQuote ipv6(View quote) {
  if (quote.size() < 40 || quote[0] / 16 != 6) return fails(DropReason::bad_icmp_quote);
  const View all = quote.first(std::min<std::size_t>(quote.size(), 40U + word(quote, 4)));
  std::size_t at = 40;
  unsigned next = quote[6], headers = 0;
  bool fragment_seen = false;
  for (;;) {
    const bool fragment = next == 44 && !fragment_seen;
    if (next != 0 && next != 43 && next != 60 && next != 51 && !fragment) break;
    if (all.size() < at + 8) return fails(DropReason::bad_icmp_quote);
    const std::size_t length = fragment ? 8 : next == 51 ? (all[at + 1] + 2U) * 4 : (all[at + 1] + 1U) * 8;
    if (fragment && word(all, at + 2) / 8 != 0) return fails(DropReason::icmp_quotes_fragment);
    const bool misplaced = (next == 0 && headers != 0) || (next == 43 && all[at + 3] != 0);
    if (misplaced || all.size() < at + length || (!fragment && headers == 6)) return fails(DropReason::bad_icmp_quote);
    headers = fragment ? 0 : headers + 1;
    fragment_seen |= fragment;
    next = all[at];
    at += length;
  }
  return transport(all, at, next);
}

}  // namespace slow

inline SlowQuote slow_quote(bool is_ipv6, std::span<const std::uint8_t> quote) { return is_ipv6 ? slow::ipv6(quote) : slow::ipv4(quote); }

}  // namespace tandem::test
