// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/describe_explanation.h"

#include <algorithm>
#include <tuple>

#include "controlplane/api/conn_filter.h"
#include "controlplane/api/describe.h"
#include "controlplane/api/explain_rule.h"

namespace tandem {
namespace {

const BackendRow* row_at(NodeState& node, BackendSlot slot) {
  for (const BackendRow* row : node.board().all())
    if (slot != kNoBackend && std::ranges::find(row->slots, slot) != row->slots.end()) return row;
  return nullptr;
}

std::string backend_name(NodeState& node, BackendSlot slot) {
  if (slot == kNoBackend) return "";
  const BackendRow* row = row_at(node, slot);
  return row == nullptr ? "(removed)" : row->service + "/" + row->name;
}

const config::Service* service_named(NodeState& node, const std::string& name) {
  const auto found = std::ranges::find(node.config().service, name, &config::Service::name);
  return found == node.config().service.end() ? nullptr : &*found;
}

bool holds(const config::Listen& listen, const FlowQuestion& question) {
  return listen.protocol == question.protocol && listen.prefix().contains(question.target.address) &&
         listen.ports().contains(question.target.port);
}

// As the generation's index has it: the longest prefix, then a single port before a range before all.
bool is_closer(const config::Listen& one, const config::Listen& other) {
  return std::tuple{one.host_bits, one.more_ports} < std::tuple{other.host_bits, other.more_ports};
}

std::string listening_service(NodeState& node, const FlowQuestion& question) {
  const config::Listen* closest = nullptr;
  std::string name;
  for (const config::Service& service : node.config().service)
    for (const config::Listen& listen : service.listen)
      if (holds(listen, question) && (closest == nullptr || is_closer(listen, *closest))) closest = &listen, name = service.name;
  return name;
}

// What listens where the packet goes; for an answer, whose backend it comes from.
std::string service_of(NodeState& node, const ExplainedFlow& flow, const FlowQuestion& question) {
  if (flow.role == FlowRole::client) return listening_service(node, question);
  const BackendRow* row = row_at(node, flow.backend);
  return row == nullptr ? "" : row->service;
}

api::Contender describe(const Contender& contender, NodeState& node) {
  const BackendRow* row = row_at(node, contender.slot);
  return {backend_name(node, contender.slot), row == nullptr ? "" : name_of(row->state()), contender.live, contender.turns,
          contender.connections};
}

void name_service(api::Explanation& out, const ExplainedFlow& flow, NodeState& node) {
  const BackendRow* lent = row_at(node, flow.first.slot);
  out.lender = lent == nullptr ? out.service : lent->service;
  const config::Service* service = service_named(node, out.service);
  if (service == nullptr) return;
  out.forwarding = name_of(service->forwarding), out.group = service->group;
  const config::Service* lender = service_named(node, out.lender);
  out.scheduler = name_of((lender == nullptr ? service : lender)->scheduler);
  for (const api::HaGroup& group : node.ha().groups)
    if (group.name == out.group) out.group_role = group.role;
}

void name_way_in(api::Explanation& out, const ExplainedFlow& flow, const Sample& sample) {
  if (index(flow.port) < sample.ports.size()) out.port = sample.ports[index(flow.port)].name;
  out.vlan = flow.vlan, out.worker = index(flow.worker), out.any_worker = flow.any_worker;
  if (out.worker < sample.workers.size()) out.core = sample.workers[out.worker].core;
}

void name_entry(api::Explanation& out, const ExplainedFlow& flow, NodeState& node) {
  if (flow.made) out.becomes = name_of(flow.made.state);
  if (!flow.met) return;
  const double tick = std::chrono::duration<double>(kTick).count();
  out.entry = name_of(flow.met.state), out.entry_backend = backend_name(node, flow.met.backend);
  out.entry_origin = (flow.met.flags & kConnSynced) != 0 ? "synced" : "local";
  out.entry_exception = (flow.met.flags & kConnException) != 0, out.entry_adopted = (flow.met.flags & kConnAdopted) != 0;
  out.entry_age_seconds = flow.met.age_ticks * tick, out.entry_idle_seconds = flow.met.idle_ticks * tick;
}

const char* name_of_fate(const ExplainedFlow& flow) {
  constexpr const char* kNames[] = {"sent", "held", "punted", "pair", "handed_over", "dropped"};
  return flow.to_peer ? "peer" : kNames[static_cast<std::size_t>(flow.fate)];
}

std::string endpoint_text(const Endpoint& end) { return end.port == 0 ? to_string(end.address) : to_string(end); }

void name_way_out(api::Explanation& out, const ExplainedFlow& flow, const Sample& sample) {
  out.fate = name_of_fate(flow);
  if (flow.fate == FlowFate::dropped && flow.reason < DropReason::count_) {
    const DropReasonText& text = kDropReasonTexts[static_cast<std::size_t>(flow.reason)];
    out.reason = text.name, out.reason_text = text.text;
  }
  if (flow.fate != FlowFate::sent && flow.fate != FlowFate::held) return;
  if (flow.fate == FlowFate::sent && index(flow.out) < sample.ports.size()) out.out = sample.ports[index(flow.out)].name;
  if (flow.fate == FlowFate::sent) out.next_mac = to_string(flow.next_mac);
  if (!flow.to_peer) out.next_hop = to_string(flow.next_hop);
  out.left_source = endpoint_text(flow.left_source), out.left_target = endpoint_text(flow.left_target);
}

const char* packet_of(const ExplainedFlow& flow, const FlowQuestion& question) {
  if (question.protocol != Protocol::tcp) return "datagram";
  constexpr std::uint8_t kSyn = 0x02;
  return flow.tcp_flags == kSyn ? "SYN" : "ACK";
}

SchedulerKind scheduler_of(NodeState& node, const api::Explanation& out) {
  const config::Service* service = service_named(node, out.lender);
  return service == nullptr ? SchedulerKind::consistent_round_robin : service->scheduler;
}

}  // namespace

api::Explanation describe(const ExplainedFlow& flow, const FlowQuestion& question, NodeState& node) {
  constexpr const char* kRoles[] = {"client", "backend", "pool", "node"};
  const Sample sample = node.sample();
  api::Explanation out;
  out.node = node.config().node.name, out.proto = to_string(question.protocol), out.generation = flow.generation;
  out.source = to_string(question.source), out.target = to_string(question.target);
  out.packet = packet_of(flow, question), out.role = kRoles[static_cast<std::size_t>(flow.role)];
  out.service = service_of(node, flow, question);
  name_service(out, flow, node);
  name_way_in(out, flow, sample);
  name_entry(out, flow, node);
  out.decides = flow.decides;
  out.first = describe(flow.first, node), out.second = describe(flow.second, node), out.chosen = describe(flow.chosen, node);
  out.backend = backend_name(node, flow.backend);
  name_way_out(out, flow, sample);
  out.rule = rule_of(flow, out, scheduler_of(node, out));
  return out;
}

}  // namespace tandem
