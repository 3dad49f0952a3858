// SPDX-License-Identifier: Apache-2.0
// Which connections an operator wants to see, and their names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/api/node_state.h"
#include "dataplane/model/vip_index.h"

namespace tandem {

const char* name_of(ConnState state);

// All parts must match; one left out matches everything.
class ConnFilter {
 public:
  // params.filter: {service, backend, proto, state, vip: text; src, dst: address or prefix; sport, dport, worker: number;
  // age_over_seconds, idle_over_seconds: number}
  static api::Answer<ConnFilter> read(const api::Json& params);
  bool matches(const FoundConnection& found, const api::Connection& named) const;

 private:
  std::map<std::string, std::string> texts_;
  std::optional<Prefix> source_, target_;
  std::optional<double> source_port_, target_port_, worker_, age_over_, idle_over_;
};

// Puts names to ids, as of the moment it was made.
class ConnNames {
 public:
  explicit ConnNames(NodeState& node);
  api::Connection describe(const FoundConnection& found) const;

 private:
  void name_borrower(api::Connection& out, const ConnRecord& record) const;

  std::map<std::size_t, std::pair<std::string, std::string>> by_slot_;  // service and backend
  VipIndex vips_;
  std::vector<std::string> services_;  // names, as vips_ numbers them
};

}  // namespace tandem
