// SPDX-License-Identifier: Apache-2.0
// Numbers for people: "9.1 k", "3.21 M", "1 204 331", "14 %". Powers of ten, a blank before the unit.
#pragma once

#include <cstdint>
#include <string>

namespace tandem::cli {

std::string compact(double value);                                  // two digits that matter: "9.1 k", "402 k", "12"
std::string three_digits(double value);                             // "3.21 M", "18.4 k", "310"
std::string bytes(double value);                                    // "1.1 MB"
std::string grouped(std::uint64_t value);                           // "1 204 331"
std::string percent(double ratio);                                  // "14 %"; "<1 %" is more than nothing
std::string raw(double value);                                      // the shortest form that reads back the same: for programs
std::string counted(std::uint64_t count, const std::string& noun);  // "1 connection", "4 102 connections"

}  // namespace tandem::cli
