// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/suggest.h"

#include <algorithm>
#include <vector>

namespace tandem::config {
namespace {

constexpr std::size_t kNear = 2, kLongest = 64;  // longer words are nobody's typing slip

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the dynamic programme of optimal string alignment: `swapped` is two above `row`.
  std::vector<std::size_t> swapped(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], swapped[j - 2] + 1);
    }
    swapped.swap(above), above.swap(row);
  }
  return above[b.size()];
}

std::string_view nearest(std::string_view written, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t fewest = kNear + 1;
  if (written.size() > kLongest) return best;
  for (std::string_view word : known) {
    const std::size_t distance = edit_distance(written, word);
    if (distance < fewest && distance < word.size()) fewest = distance, best = word;
  }
  return best;
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> known) {
  const std::string_view word = nearest(written, known);
  return word.empty() ? std::string{} : std::string{"did you mean \""}.append(word).append("\"?");
}

}  // namespace tandem::config
