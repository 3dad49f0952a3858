// SPDX-License-Identifier: Apache-2.0
// A page drawn again and again on one terminal, with the cells that changed since the last time marked.
#pragma once

#include <string>
#include <vector>

namespace tandem::cli {

class Redraw {
 public:
  // What to send so that the terminal shows `page`, a text without escape sequences.
  std::string frame(const std::string& page, bool marked);

 private:
  std::vector<std::string> last_;
};

}  // namespace tandem::cli
