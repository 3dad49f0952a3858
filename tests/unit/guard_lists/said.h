// SPDX-License-Identifier: Apache-2.0
// Words on who may enter, as tests say them, and a folder for the file that keeps them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "controlplane/guard/desk.h"

namespace tandem::guard {

inline const WallTime kNoon{std::chrono::seconds{1'769'860'800}};

inline Prefix prefix(std::string_view text) { return parse_prefix(text).value(); }
inline IpAddress ip(std::string_view text) { return parse_address(text).value(); }
inline Place deny(std::string_view text, const std::string& service = "") { return {service, prefix(text), Verdict::deny}; }
inline Place allow(std::string_view text, const std::string& service = "") { return {service, prefix(text), Verdict::allow}; }

inline Entry said(const Place& place, const std::string& node = "lb-a", std::optional<std::chrono::seconds> lasts = {}) {
  const auto author = std::make_shared<const Author>(Author{"alice", "crowdsec", node});
  return {place, {.time = kNoon, .ends = lasts ? std::optional{kNoon + *lasts} : std::nullopt, .author = author}};
}
inline Entry taken_back(const Place& place, const std::string& node = "lb-a") {
  Entry entry = said(place, node);
  entry.word.gone = true;
  return entry;
}

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/tandem-guard-XXXXXX";
    EXPECT_NE(mkdtemp(name), nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace tandem::guard
