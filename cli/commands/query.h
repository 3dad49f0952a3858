// SPDX-License-Identifier: Apache-2.0
// A reading command: what to ask, what of the answer to keep, how people see it. Asked again and again with --watch.
#pragma once

#include <functional>
#include <string>

#include "cli/commands/session.h"

namespace tandem::cli {

struct Query {
  std::string method;
  Json params = Json::object();
  std::function<Answer<void>(Json&)> keep = nullptr;                    // leaves what was asked for, for people and programs alike
  std::function<std::string(const Json&, const Look&)> draw = nullptr;  // table, wide, plain
  std::function<Exit(const Json&)> judge = nullptr;                     // else 0
  std::string schema = {};                                              // when it is not the method's name
};

Outcome show(Session& session, const Query& query);

}  // namespace tandem::cli
