// SPDX-License-Identifier: Apache-2.0
// What the API carries, once for daemon, CLI, healthd and exporter: a struct's fields are the JSON object's keys, units in
// their names. A field that is missing keeps its default and one that is unknown is ignored, so versions can differ by one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/api/change_types.h"
#include "common/api/closed_lists.h"
#include "common/api/ha_types.h"
#include "common/api/health_types.h"
#include "common/api/node_types.h"
#include "common/api/site_types.h"

namespace tandem::api {

// Everything at one moment: what the exporter's families are made of.
struct Snapshot {
  Version version;
  Status status;
  Balance balance;
  std::vector<Service> services;  // with backends
  std::vector<Check> checks;
  std::vector<Port> ports;
  std::vector<Worker> workers;
  std::vector<Source> sources;
  std::vector<Pool> pools;
  std::vector<Heap> heaps;
  Counts overlay_by_kind;  // admin_state, weight
  Counts guard_prefixes;   // deny, allow
  Count overlay_entries = 0, log_errors = 0, log_warnings = 0, log_info = 0;
  Counts reloads;  // success, failure
  bool last_reload_successful = true;
  double last_reload_timestamp_seconds = 0, start_time_seconds = 0;
  Counts events_by_kind;
  std::map<std::string, Counts> requests;  // method → result → count
  std::vector<Count> request_duration_buckets;
  double request_duration_sum_seconds = 0;
  Ha ha;
  double process_cpu_seconds = 0;
  Count process_resident_bytes = 0, process_open_fds = 0;
};

// To and from JSON, for nlohmann::json's own conversions. Defined once (types_json.cpp): the library writes them as inline
// functions, and every file that included this would compile all of them anew.
#define TANDEM_AS_JSON(Type)                         \
  void to_json(nlohmann::json& out, const Type& in); \
  void from_json(const nlohmann::json& in, Type& out)
TANDEM_AS_JSON(Version);
TANDEM_AS_JSON(Event);
TANDEM_AS_JSON(Warning);
TANDEM_AS_JSON(Backend);
TANDEM_AS_JSON(Service);
TANDEM_AS_JSON(Check);
TANDEM_AS_JSON(Connection);
TANDEM_AS_JSON(Port);
TANDEM_AS_JSON(Source);
TANDEM_AS_JSON(Worker);
TANDEM_AS_JSON(Balance);
TANDEM_AS_JSON(DropReasonRow);
TANDEM_AS_JSON(Drops);
TANDEM_AS_JSON(Rates);
TANDEM_AS_JSON(Status);
TANDEM_AS_JSON(HaPath);
TANDEM_AS_JSON(HaGroup);
TANDEM_AS_JSON(HaSync);
TANDEM_AS_JSON(Ha);
TANDEM_AS_JSON(OverlayEntry);
TANDEM_AS_JSON(GuardEntry);
TANDEM_AS_JSON(GuardRefusal);
TANDEM_AS_JSON(GuardChange);
TANDEM_AS_JSON(ConfigChange);
TANDEM_AS_JSON(ConfigVersion);
TANDEM_AS_JSON(Applied);
TANDEM_AS_JSON(Pool);
TANDEM_AS_JSON(Heap);
TANDEM_AS_JSON(Snapshot);
TANDEM_AS_JSON(CheckJob);
TANDEM_AS_JSON(CheckVerdict);
TANDEM_AS_JSON(CheckRun);
TANDEM_AS_JSON(Killed);
#undef TANDEM_AS_JSON

}  // namespace tandem::api
