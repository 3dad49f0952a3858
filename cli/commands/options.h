// SPDX-License-Identifier: Apache-2.0
// The global flags: as they were written, and what they mean here.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/commands/surroundings.h"
#include "cli/render/look.h"
#include "common/api/client.h"

namespace tandem::cli {

inline constexpr const char* kDefaultSocket = "/run/tandem/control.sock";

// Whom of a pair a command asks; `usual` is what the command itself does.
enum class Which : std::uint8_t { usual, local, peer, both };

struct GlobalWords {
  std::string socket, output, watch, timeout, reason, color;
  bool json = false, yes = false, no_header = false, quiet = false, verbose = false;
  std::string node;
};

struct Options {
  std::string socket = kDefaultSocket, reason;
  Look look;
  std::optional<std::chrono::milliseconds> watch;
  std::chrono::milliseconds timeout{10'000};
  bool yes = false, quiet = false, verbose = false;
  Which node = Which::usual;
};

api::Answer<Options> read_options(const GlobalWords& words, const Surroundings& world);

// "10m" behind the flag `name`, or a usage error that says what was expected.
api::Answer<std::chrono::milliseconds> read_duration(const std::string& name, const std::string& text);
api::Answer<std::uint64_t> read_number(const std::string& name, const std::string& text);

tl::unexpected<api::Failure> refuse(api::Exit exit, std::string message, std::string hint = {});

}  // namespace tandem::cli
