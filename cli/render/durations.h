// SPDX-License-Identifier: Apache-2.0
// Spans of time for people, in seconds.
#pragma once

#include <string>

namespace tandem::cli {

std::string coarse(double seconds);     // "41 s", "6 min", "3 d": how long something has been so
std::string two_units(double seconds);  // "3 min 12 s", "10 min"
std::string brief(double seconds);      // "41s", "1h12m", "3d 4h": for narrow columns
std::string precise(double seconds);    // "61 µs", "0.8 ms", "1.2 s": how long something took

}  // namespace tandem::cli
