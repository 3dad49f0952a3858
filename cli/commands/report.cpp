// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/report.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "cli/render/safe_text.h"

namespace tandem::cli {
namespace {

constexpr std::array kKnown{api::Exit::failed,           api::Exit::usage,     api::Exit::unreachable, api::Exit::no_such_object,
                            api::Exit::refused,          api::Exit::timed_out, api::Exit::partly_done, api::Exit::bad_configuration,
                            api::Exit::version_mismatch, api::Exit::degraded,  api::Exit::critical,    api::Exit::interrupted};

// What a daemon of another version sends must not look like success.
api::Exit exit_of(const api::Failure& failure) {
  return std::find(kKnown.begin(), kKnown.end(), failure.exit) == kKnown.end() ? api::Exit::failed : failure.exit;
}

// Every line but the first stands under the first one's text.
std::string indented(const std::string& text) {
  std::istringstream lines{text};
  std::string out;
  for (std::string line; std::getline(lines, line);) out.append(out.empty() ? "" : "\n       ").append(printable(line));
  return out;
}

}  // namespace

int report(const api::Failure& failure, std::ostream& err, bool coloured) {
  Look look;
  look.colour = coloured;
  err << paint("error:", Tone::bad, look) << " " << indented(failure.message);
  const bool short_hint = failure.hint.starts_with("did you mean") && failure.message.find('\n') == std::string::npos;
  if (short_hint) err << " (" << printable(failure.hint) << ")";
  else if (!failure.hint.empty()) err << "\n       " << indented(failure.hint);
  err << "\n" << std::flush;
  return static_cast<int>(exit_of(failure));
}

}  // namespace tandem::cli
