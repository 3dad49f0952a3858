// SPDX-License-Identifier: Apache-2.0
// Help that leads with examples. An App's footer holds them, so that the tree stays the one source of help and manual.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tandem::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_option_usage(const CLI::Option* option) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace tandem::cli
