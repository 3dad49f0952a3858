// SPDX-License-Identifier: Apache-2.0
// What one node tells the other about backends: text of a line a service, so that a capture can be read.
//
//     some                            or "all": whatever is not named is not known
//     web-blue web-1uu web-2du web-3d.
//
// Behind each backend's name: what own checks see (? unknown, u up, f failing, d down), then the verdict that holds, if it is the
// teller who decides (? u d, k down and kept in service, . not his to say). Pure; reading is bounded and trusts nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/verdict/sight.h"

namespace tandem::verdict {

struct Told {
  std::string service, backend;
  Sight sight = Sight::unknown;
  std::optional<Verdict> verdict;  // none: not his to say
  bool kept = false;               // down, and in service all the same

  friend bool operator==(const Told&, const Told&) = default;
};

struct Telling {
  bool all = false;
  std::vector<Told> backends;  // those of one service one behind the other

  friend bool operator==(const Telling&, const Telling&) = default;
};

inline constexpr std::size_t kMostTold = 20'000, kLongestName = 255;

// In parts of at most `part_bytes`; the first says "all" if the telling is.
std::vector<std::string> write(const Telling& telling, std::size_t part_bytes);
std::optional<Telling> read_telling(std::string_view text);  // none: not a telling, as a whole

}  // namespace tandem::verdict
