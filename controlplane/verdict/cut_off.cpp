// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/cut_off.h"

#include <algorithm>

namespace tandem::verdict {

bool most_fail_here_alone(std::span<const TwoSights> backends) {
  const auto failing = static_cast<std::size_t>(std::count_if(backends.begin(), backends.end(), fails_here_alone));
  return failing >= 2 && 2 * failing > backends.size();
}

void CutOff::update(bool most_fail, Nanoseconds patience, Instant now) {
  if (most_fail && !suspected_) since_ = now;
  suspected_ = most_fail;
  patient_ = suspected_ && now - since_ >= patience;
  late_ = suspected_ && now - since_ >= patience + kMoved;
}

}  // namespace tandem::verdict
