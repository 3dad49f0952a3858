// SPDX-License-Identifier: Apache-2.0
// Gives the server its methods, a file a noun. Server and node outlive each other's use: both are the daemon's.
#pragma once

#include "controlplane/api/node_state.h"
#include "controlplane/api/server.h"

namespace tandem {

void add_status_methods(Server& server, NodeState& node);  // version, status, warnings, drops, ports, workers, snapshot
void add_event_methods(Server& server, NodeState& node);
void add_service_methods(Server& server, NodeState& node);
void add_backend_methods(Server& server, NodeState& node);
void add_check_methods(Server& server, NodeState& node);  // check.list, check.run; healthd's side is the daemon's
void add_conn_methods(Server& server, NodeState& node);
void add_conn_kill(Server& server, NodeState& node);
void add_config_methods(Server& server, NodeState& node);
void add_ha_methods(Server& server, NodeState& node);
void add_guard_methods(Server& server, NodeState& node);
void add_guard_list_methods(Server& server, NodeState& node);  // add_guard_methods calls it

inline void add_methods(Server& server, NodeState& node) {
  add_status_methods(server, node), add_event_methods(server, node), add_service_methods(server, node);
  add_backend_methods(server, node), add_check_methods(server, node), add_conn_methods(server, node), add_conn_kill(server, node),
      add_config_methods(server, node);
  add_ha_methods(server, node), add_guard_methods(server, node);
}

}  // namespace tandem
