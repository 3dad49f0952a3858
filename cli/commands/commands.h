// SPDX-License-Identifier: Apache-2.0
// All commands, a file a noun.
#pragma once

#include "cli/commands/tree.h"

namespace tandem::cli {

void add_status(Tree& tree);
void add_events(Tree& tree);
void add_warnings(Tree& tree);
void add_drops(Tree& tree);
void add_service(Tree& tree);
void add_backend(Tree& tree);
void add_check(Tree& tree);
void add_conn(Tree& tree);
void add_explain(Tree& tree);
void add_trace(Tree& tree);
void add_capture(Tree& tree);
void add_port(Tree& tree);
void add_source(Tree& tree);
void add_worker(Tree& tree);
void add_overlay(Tree& tree);
void add_guard(Tree& tree);
void add_ha(Tree& tree);
void add_sync(Tree& tree);
void add_config(Tree& tree);
void add_pair(Tree& tree);
void add_version(Tree& tree);

// In the order in which help lists them: what is used daily comes first.
inline void add_commands(Tree& tree) {
  for (const auto add : {add_status, add_events,  add_warnings, add_drops,   add_service, add_backend, add_check,
                         add_conn,   add_explain, add_trace,    add_capture, add_port,    add_worker,  add_source,
                         add_ha,     add_sync,    add_overlay,  add_guard,   add_config,  add_pair,    add_version})
    add(tree);
}

}  // namespace tandem::cli
