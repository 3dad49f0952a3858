// SPDX-License-Identifier: Apache-2.0
// The words of a command line: options with one or more values each. What nobody asked for is refused, by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace tandem::load {

class Words {
 public:
  Words(int argc, char** argv);  // behind the sub-command

  std::vector<std::string> all(const std::string& option);
  std::string text(const std::string& option);
  double number(const std::string& option, double otherwise);  // a time is in seconds: 50ms, 0.05s, 0.05
  Result<> understood() const;                                 // asked last

 private:
  std::map<std::string, std::vector<std::string>> options_;
  std::string trouble_;
};

}  // namespace tandem::load
