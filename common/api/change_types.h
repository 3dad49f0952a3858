// SPDX-License-Identifier: Apache-2.0
// What is changed while a node runs: its configuration, the overlay, the lists of the guard. See types.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/api/count.h"

namespace tandem::api {

struct OverlayEntry {
  Count id = 0;
  std::string service, backend, field, value, user, reason, time;
  std::optional<double> ttl_seconds;
  bool orphaned = false;
};

// A prefix of a deny list, or of an allow list.
struct GuardEntry {
  Count id = 0;
  std::string list, prefix;              // list: deny, allow
  std::string service;                   // empty: of all services
  std::string state;                     // in force; protected: [protect] overrules it; orphaned: its service left the configuration
  std::string user, reason, node, time;  // node: where it was said
  std::string ends;                      // empty: until it is taken back
  std::optional<double> ttl_seconds;     // until then
};

struct GuardRefusal {
  std::string prefix, why;
};

struct GuardChange {
  Count changed = 0;
  std::vector<GuardEntry> entries;  // as they are now, of at most a hundred
  std::vector<GuardRefusal> refused;
  std::string peer_silence;  // why the other node has not heard it yet; empty: it is told, or there is none
};

struct ConfigChange {
  std::string path, before, after;
};

struct ConfigVersion {
  std::string config_hash, time, user, reason;
  bool current = false;
};

struct Applied {
  std::string config_hash;
  Count generation = 0;
  std::vector<ConfigChange> changes;
};

}  // namespace tandem::api
