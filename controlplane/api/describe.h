// SPDX-License-Identifier: Apache-2.0
// Puts configuration, board and counters together into what the API shows. Reads only.
#pragma once

#include "controlplane/api/node_state.h"

namespace tandem {

api::Backend describe(const BackendRow& row, NodeState& node, const Sample& sample);
api::Service describe(const config::Service& service, NodeState& node, const Sample& sample, bool with_backends);
std::vector<api::Service> describe_services(NodeState& node, const Sample& sample, bool with_backends);
api::Check describe_check(const BackendRow& row, Instant now);
std::vector<api::Check> describe_checks(NodeState& node, const std::string& service);  // all services when empty
std::vector<api::Warning> describe_warnings(NodeState& node);
api::Status describe_status(NodeState& node, const Sample& sample);
api::Drops describe_drops(NodeState& node, const Sample& sample);
api::Snapshot describe_snapshot(NodeState& node);

api::OverlayEntry describe_entry(const config::OverlayEntry& entry, const config::Config& config);
api::GuardEntry describe_guard_entry(const guard::Place& place, const guard::Word& word, NodeState& node);

std::string name_of(ForwardingMethod method);  // as the configuration spells it: "l2-dsr"
std::string name_of(ClientAddress how);
std::string name_of(SchedulerKind kind);

}  // namespace tandem
