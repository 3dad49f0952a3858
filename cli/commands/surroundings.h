// SPDX-License-Identifier: Apache-2.0
// What one run of tandemctl meets: streams, terminals, environment, time. Handed in, so that a test is a whole run in process.
#pragma once

#include <chrono>
#include <functional>
#include <istream>
#include <map>
#include <ostream>
#include <string>

#include "cli/render/times.h"

namespace tandem::cli {

struct Surroundings {
  std::istream& in;
  std::ostream& out;  // data alone
  std::ostream& err;  // messages, progress, prompts
  bool in_is_terminal = false, out_is_terminal = false, err_is_terminal = false;
  std::size_t width = 0;  // cells of the terminal behind `out`
  std::map<std::string, std::string> environment;

  std::function<Moment()> wall;
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::milliseconds)> pause;  // returns early when interrupted
  std::function<bool()> interrupted;                     // somebody pressed Ctrl-C

  std::string variable(const std::string& name) const {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
  }
};

}  // namespace tandem::cli
