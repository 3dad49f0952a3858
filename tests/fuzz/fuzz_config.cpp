// SPDX-License-Identifier: Apache-2.0
// Any text is a configuration or a list of complaints, never both and never the end of the process; cut in its two parts and
// joined again it is the same configuration.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/ensure.h"
#include "controlplane/config/diff.h"
#include "controlplane/config/load.h"

using namespace tandem;
using namespace tandem::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const ReadOutcome outcome = load(text, "fuzz.toml", Machine{{0, 1, 2, 3}});
  ensure(outcome.config.has_value() == !has_errors(outcome.diagnostics));
  for (const Diagnostic& diagnostic : outcome.diagnostics) {
    const std::string shown = render(diagnostic, false);
    for (const char c : shown) ensure(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    ensure(diagnostic.caret <= diagnostic.source_line.size());
  }
  const std::string node = cut(text, Part::node), pair = cut(text, Part::pair);
  if (!outcome.config) return 0;
  ensure(diff(*outcome.config, *outcome.config).empty());
  ensure(load(text, "again.toml", Machine{{0, 1, 2, 3}}).config->hash == outcome.config->hash);
  const ReadOutcome joined = load(join(node, pair), "joined.toml", Machine{{0, 1, 2, 3}});
  ensure(joined.config && joined.config->hash == outcome.config->hash);  // the two parts say what the whole did
  return 0;
}
