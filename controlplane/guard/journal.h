// SPDX-License-Identifier: Apache-2.0
// The state file of the deny lists: lines that are only added, so that a change among a million entries writes one. Of two lines on one
// place the later holds. Written anew, whole, when most of it is of the past. Threads: one control thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tandem::guard {

class Journal {
 public:
  Journal() = default;  // nowhere: replay, tests
  explicit Journal(std::string path) : path_{std::move(path)} {}

  // What it holds. A last line without its end was cut short by a crash before anybody was answered: it is left out.
  Result<std::string> read();
  bool is_cut_short() const { return cut_short_; }  // then it is to be written anew before anything is added
  Result<> add(std::string_view lines);             // on disk when it returns
  Result<> write_anew(std::string_view all);        // the same

 private:
  std::string path_;
  bool cut_short_ = false;
};

}  // namespace tandem::guard
