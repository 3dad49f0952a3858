// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/options.h"

#include <array>
#include <charconv>

#include "controlplane/config/suggest.h"
#include "controlplane/config/units.h"

namespace tandem::cli {
namespace {

using api::Answer;
using api::Exit;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 5> kFormats{"table", "wide", "plain", "json", "jsonl"};
constexpr std::array<std::string_view, 3> kNodes{"local", "peer", "both"};
constexpr std::array<std::string_view, 3> kColours{"auto", "always", "never"};

template <std::size_t N>
Answer<std::size_t> choose(const std::string& flag, const std::string& written, const std::array<std::string_view, N>& choices) {
  std::string expected;
  for (std::size_t i = 0; i < N; ++i) {
    if (choices[i] == written) return i;
    expected.append(i == 0 ? "" : i + 1 == N ? " or " : ", ").append(choices[i]);
  }
  return refuse(Exit::usage, flag + ": expected " + expected + ", got \"" + written + "\"", config::did_you_mean(written, choices));
}

// The conditions of no-color.org, and terminals that say they have none.
bool wants_colour(const Surroundings& world) {
  return world.out_is_terminal && world.variable("NO_COLOR").empty() && world.variable("TERM") != "dumb";
}

Answer<Look> read_look(const GlobalWords& words, const Surroundings& world) {
  Look look;
  const Answer<std::size_t> format = choose("--output", words.json ? "json" : words.output.empty() ? "table" : words.output, kFormats);
  if (!format) return tl::unexpected{format.error()};
  const Answer<std::size_t> colour = choose("--color", words.color.empty() ? "auto" : words.color, kColours);
  if (!colour) return tl::unexpected{colour.error()};
  look.format = static_cast<Format>(*format);
  look.colour = look.format <= Format::wide && (*colour == 1 || (*colour == 0 && wants_colour(world)));
  look.header = !words.no_header;
  look.width = world.out_is_terminal && look.format == Format::table ? world.width : 0;
  return look;
}

// --watch alone says "true"; a bare number counts seconds.
Answer<milliseconds> read_watch(const std::string& text) {
  if (text == "true") return milliseconds{2000};
  std::uint64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool bare = error == std::errc{} && end == text.data() + text.size() && seconds > 0 && seconds < 1'000'000;
  return bare ? milliseconds{seconds * 1000} : read_duration("--watch", text);
}

std::string choose_socket(const GlobalWords& words, const Surroundings& world) {
  if (!words.socket.empty()) return words.socket;
  const std::string given = world.variable("TANDEM_SOCKET");
  return given.empty() ? kDefaultSocket : given;
}

}  // namespace

tl::unexpected<api::Failure> refuse(Exit exit, std::string message, std::string hint) {
  return tl::unexpected{api::Failure{exit, std::move(message), std::move(hint)}};
}

Answer<milliseconds> read_duration(const std::string& name, const std::string& text) {
  const Result<milliseconds> parsed = config::parse_duration(text);
  if (!parsed) return refuse(Exit::usage, name + ": " + parsed.error().message);
  if (*parsed <= milliseconds::zero()) return refuse(Exit::usage, name + ": must be longer than nothing");
  return *parsed;
}

Answer<std::uint64_t> read_number(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse(Exit::usage, name + ": expected a number, got \"" + text + "\"");
  return value;
}

Answer<Options> read_options(const GlobalWords& words, const Surroundings& world) {
  Options options;
  options.socket = choose_socket(words, world);
  options.reason = words.reason, options.yes = words.yes, options.quiet = words.quiet, options.verbose = words.verbose;
  const Answer<Look> look = read_look(words, world);
  if (!look) return tl::unexpected{look.error()};
  options.look = *look;
  if (!words.node.empty()) {
    const Answer<std::size_t> node = choose("--node", words.node, kNodes);
    if (!node) return tl::unexpected{node.error()};
    options.node = static_cast<Which>(*node + 1);
  }
  if (!words.timeout.empty()) {
    const Answer<milliseconds> timeout = read_duration("--timeout", words.timeout);
    if (!timeout) return tl::unexpected{timeout.error()};
    options.timeout = *timeout;
  }
  if (!words.watch.empty()) {
    const Answer<milliseconds> watch = read_watch(words.watch);
    if (!watch) return tl::unexpected{watch.error()};
    options.watch = *watch;
  }
  if (options.watch && options.node == Which::both) return refuse(Exit::usage, "--watch shows one node: --node local, or --node peer");
  return options;
}

}  // namespace tandem::cli
