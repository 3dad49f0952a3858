// SPDX-License-Identifier: Apache-2.0
// Words that the tests of configuration share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "controlplane/config/load.h"

namespace tandem::config {

// A machine with cores 0 to 3, wherever the test runs.
inline const Machine kFourCores{{0, 1, 2, 3}};

inline ReadOutcome read(std::string_view text) { return load(text, "tandem.toml", kFourCores); }

// "9:1 E101 unknown key …", one line each: what a failing test should show.
inline std::string summary(const ReadOutcome& outcome) {
  std::string text;
  for (const Diagnostic& d : outcome.diagnostics) {
    text +=
        std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + " " + std::string{info(d.code).name} + " " + d.text + "\n";
  }
  return text;
}

inline Config must_read(std::string_view text) {
  ReadOutcome outcome = read(text);
  EXPECT_TRUE(outcome.config) << summary(outcome);
  return outcome.config.value_or(Config{});
}

// A directory that goes when the test does.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "tandem-config-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_file(const std::string& path, std::string_view content) { std::ofstream{path, std::ios::binary} << content; }

}  // namespace tandem::config
