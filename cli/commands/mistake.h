// SPDX-License-Identifier: Apache-2.0
// What was wrong with a command line, in the operator's words: which word, and what it was probably meant to be.
#pragma once

#include <string>

#include "common/api/json_line.h"

namespace CLI {
class App;
}

namespace tandem::cli {

// `at` is the command the parser had reached, `said` the parser's own sentence.
api::Failure explain_mistake(const CLI::App& root, const CLI::App& at, const std::string& said);

}  // namespace tandem::cli
