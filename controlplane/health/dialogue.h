// SPDX-License-Identifier: Apache-2.0
// What was said in one HTTP check, for `check run --verbose`: "> " we, "< " the server, "* " what happened. Bounded.
#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

namespace tandem::health {

class Dialogue {
 public:
  static constexpr std::size_t kMostLines = 100;

  void listen(CURL* easy);  // until the transfer ends
  void add(std::string line);
  void add_timing(CURL* easy);
  std::vector<std::string> lines() && { return std::move(lines_); }

 private:
  static int heard(CURL*, curl_infotype kind, char* bytes, std::size_t size, void* self) noexcept;
  void add_block(const char* mark, std::string_view block);

  std::vector<std::string> lines_;
};

}  // namespace tandem::health
