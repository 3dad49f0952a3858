// SPDX-License-Identifier: Apache-2.0
// What is known of each configured backend beside its counters: what checks see, the verdict that holds, what the overlay says, since
// when.// Rows live as long as the (service, backend) name is configured, so a reload does not forget a verdict. Threads: the loop's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/api/types.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "controlplane/config/build_service.h"
#include "controlplane/config/config.h"
#include "controlplane/config/overlay.h"
#include "controlplane/verdict/cut_off.h"
#include "controlplane/verdict/openings.h"
#include "controlplane/verdict/rule.h"
#include "controlplane/verdict/telling.h"
#include "dataplane/model/backend.h"

namespace tandem {

enum class CheckState : std::uint8_t { none, unknown, up, down };
using config::AdminState;

// What clients' connections tell of a backend, where its service wants to know (openings_watch.h).
struct PassiveRow {
  verdict::Openings openings;
  std::vector<BackendSlot> slots;   // whose counters it goes by,
  std::uint64_t state_changes = 0;  // and what the row said then
  std::optional<Instant> asked;     // when its check was, last
  std::uint64_t advised = 0;        // how often
};

struct BackendRow {
  std::string service, name;
  Endpoint address;
  std::uint16_t configured_weight = 1, weight = 1;
  AdminState admin = AdminState::up;
  bool kill = false;                     // disabled, and its connections are ended
  std::optional<std::uint64_t> overlay;  // the newest entry that speaks of it
  CheckState check = CheckState::none;   // what this node's own checks say
  bool last_result_ok = true;
  unsigned rise = 1, fall = 1;
  std::string check_type = "none", check_text;
  double check_duration_seconds = 0, check_duration_sum = 0;
  api::Counts check_results{{"ok", 0}, {"refused", 0}, {"timeout", 0}, {"status", 0}, {"tls", 0}, {"error", 0}};
  std::vector<api::Count> check_buckets = std::vector<api::Count>(api::kCheckBucketsSeconds.size() + 1);
  verdict::Verdict held = verdict::Verdict::unknown;  // what holds
  bool kept = false;                                  // down, and in service all the same
  verdict::Confirmation confirmation;                 // of own checks, after a take-over
  std::optional<verdict::Told> told;                  // by the peer
  PassiveRow passive;
  std::vector<BackendSlot> slots;  // one for each address the service listens on
  Instant since, check_since;
  double last_change_timestamp_seconds = 0;
  std::uint64_t state_changes = 0;

  // A backend whose check has said nothing yet is up: a restart must not empty the services it is to serve.
  bool is_out() const { return held == verdict::Verdict::down && !kept; }
  bool eligible() const { return admin == AdminState::up && !is_out() && weight > 0; }
  verdict::Sight sight() const;
  BackendState state() const;
  config::BackendDynamic dynamic() const;  // as the builder of generations wants it
};

// What is known of a service as a whole.
struct ServiceRow {
  std::string decided_by;  // the node whose checks decide; empty: this one, which has no peer
  verdict::CutOff cut_off;
  bool panic = false;
};

const char* name_of(CheckState state);
const char* name_of(verdict::Verdict verdict);
const char* name_of(verdict::Sight sight);
const char* name_of(AdminState state);
const char* name_of(BackendState state);

class Board {
 public:
  using Key = std::pair<std::string, std::string>;  // service, backend

  // Rows for what is configured now; kept ones keep their verdicts, others go.
  void configure(const config::Config& config, Instant now);

  BackendRow* find(const std::string& service, const std::string& backend);
  std::vector<BackendRow*> of(const std::string& service);  // in the configuration's order
  std::vector<BackendRow*> all();
  std::vector<BackendRow*> match(const std::string& glob);  // "web/web-1", "web/*"

  ServiceRow& service(const std::string& name) { return services_[name]; }

  // Takes one result of own checks in. True when it tells anything new: what holds is to be judged again (api/verdicts.h).
  bool report(const api::CheckVerdict& verdict, Instant now);
  // What holds from now on. True when the backend's state changed: to be published.
  bool settle(BackendRow& row, verdict::Verdict verdict, bool kept, Instant now);
  // Makes the rows say what the overlay says: who is drained, disabled or has another weight.
  void lay_over(const config::Overlay& overlay, Instant now);

 private:
  void changed(BackendRow& row, Instant now);

  std::vector<Key> order_;
  std::map<Key, BackendRow> rows_;
  std::map<std::string, ServiceRow> services_;
};

}  // namespace tandem
