// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/watch_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "controlplane/api/conn_filter.h"

namespace tandem {
namespace {

constexpr double kSnapMost = 65'535, kRingMost = 1 << 30, kRingUsual = 32 << 20;

tl::unexpected<api::Failure> wrong(const std::string& what, const std::string& hint = "") {
  return tl::unexpected{api::Failure{api::Exit::usage, what, hint}};
}

bool is_step(const api::Json& step) {
  const auto is_word = [](const api::Json& each) { return each.is_number_unsigned() && each.get<std::uint64_t>() <= 0xffffffff; };
  return step.is_array() && step.size() == 4 && std::all_of(step.begin(), step.end(), is_word);
}

api::Answer<std::uint8_t> read_points(const Call& call) {
  const api::Json at = call.params().value("at", api::Json::array({"rx", "tx", "drop"}));
  std::uint8_t points = 0;
  if (!at.is_array()) return wrong("at: expected a list");
  for (const api::Json& each : at) {
    const std::string word = each.is_string() ? each.get<std::string>() : "";
    const auto name = std::ranges::find(kTapPointNames, std::string_view{word});
    if (name == kTapPointNames.end()) return wrong("at: expected rx, tx, drop or punt, got " + each.dump());
    points = static_cast<std::uint8_t>(points | 1U << (name - kTapPointNames.begin()));
  }
  return points;
}

api::Answer<std::uint32_t> read_ports(const Call& call, NodeState& node) {
  const std::string name = call.text_or("port", "");
  if (name.empty()) return ~0U;
  const auto& ports = node.config().port;
  const auto found = std::ranges::find(ports, name, &config::Port::name);
  if (found != ports.end()) return 1U << (found - ports.begin());
  return tl::unexpected{api::Failure{api::Exit::no_such_object, name + ": no such port", "tandemctl port list"}};
}

std::string end_text(const Endpoint& end, TraceKind kind) {
  const bool ports = kind == TraceKind::tcp || kind == TraceKind::udp;
  return ports ? to_string(end) : to_string(end.address);
}

bool has_addresses(TraceKind kind) { return kind != TraceKind::arp && kind != TraceKind::other && kind != TraceKind::malformed; }

std::string flags_text(std::uint8_t flags) {
  constexpr std::string_view kLetters = "FSRPAUEC";
  std::string out;
  for (std::size_t bit = 0; bit < kLetters.size(); ++bit)
    if ((flags >> bit & 1) != 0) out += kLetters[bit];
  return out;
}

std::string time_text(std::int64_t wall_ns) {
  const std::string whole = rfc3339(std::floor(static_cast<double>(wall_ns / 1'000'000'000)));
  char fraction[32];
  std::snprintf(fraction, sizeof fraction, ".%06lldZ", static_cast<long long>(wall_ns % 1'000'000'000 / 1000));
  return whole.substr(0, whole.find_first_of(".Z")) + fraction;
}

const char* name_of(FlowFate fate) {
  constexpr const char* kNames[] = {"sent", "held", "punted", "pair", "handed_over", "dropped"};
  return kNames[static_cast<std::size_t>(fate)];
}

}  // namespace

api::Answer<FilterProgram> read_program(const Call& call) {
  FilterProgram program;
  const api::Json steps = call.params().value("program", api::Json::array());
  if (!steps.is_array()) return wrong("program: expected a list of steps");
  for (const api::Json& step : steps) {
    if (!is_step(step)) return wrong("program: a step is [code, jump true, jump false, k]");
    program.push_back(
        {step[0].get<std::uint16_t>(), step[1].get<std::uint8_t>(), step[2].get<std::uint8_t>(), step[3].get<std::uint32_t>()});
  }
  return program;
}

api::Answer<CaptureWish> read_capture(const Call& call, NodeState& node, std::size_t workers) {
  CaptureWish wish;
  const api::Answer<std::uint8_t> points = read_points(call);
  if (!points) return tl::unexpected{points.error()};
  const api::Answer<std::uint32_t> ports = read_ports(call, node);
  if (!ports) return tl::unexpected{ports.error()};
  api::Answer<FilterProgram> program = read_program(call);
  if (!program) return tl::unexpected{program.error()};
  wish.points = *points, wish.ports = *ports, wish.filter = std::move(*program);
  wish.snap_bytes = static_cast<std::uint32_t>(std::clamp(call.number_or("snap_bytes", kSnapMost), 1.0, kSnapMost));
  wish.ring_bytes =
      static_cast<std::size_t>(std::min(call.number_or("ring_bytes", kRingUsual), kRingMost)) / std::max<std::size_t>(workers, 1);
  return wish;
}

TraceNames::TraceNames(NodeState& node, std::int64_t wall_offset_ns) : wall_offset_ns_{wall_offset_ns} {
  for (const config::Port& port : node.config().port) ports_.push_back(port.name);
  for (const config::Service& service : node.config().service)
    for (const config::Listen& listen : service.listen) by_vip_[{listen.address, listen.port, listen.protocol}] = service.name;
  for (const BackendRow* row : node.board().all())
    for (const BackendSlot slot : row->slots) by_slot_[index(slot)] = row->service + "/" + row->name;
}

std::string TraceNames::port_name(PortId id) const { return index(id) < ports_.size() ? ports_[index(id)] : "?"; }

std::string TraceNames::backend_name(BackendSlot slot) const {
  const auto found = by_slot_.find(index(slot));
  return slot == kNoBackend ? "" : found == by_slot_.end() ? "(removed)" : found->second;
}

api::TracedPacket TraceNames::describe(const TraceRecord& record) const {
  constexpr const char* kRoles[] = {"client", "backend", "pool", "node"};
  api::TracedPacket out;
  out.time = time_text(record.time_ns + wall_offset_ns_);
  out.worker = index(record.worker), out.port = port_name(record.port), out.handed_over = record.handed_over;
  out.kind = kTraceKindNames[static_cast<std::size_t>(record.kind)], out.flags = flags_text(record.tcp_flags),
  out.bytes = record.frame_bytes;
  if (has_addresses(record.kind)) out.source = end_text(record.source, record.kind), out.target = end_text(record.target, record.kind);
  out.role = kRoles[static_cast<std::size_t>(record.role)];
  const Protocol protocol = record.kind == TraceKind::tcp ? Protocol::tcp : Protocol::udp;
  const auto service = by_vip_.find({record.target.address, record.target.port, protocol});
  if (service != by_vip_.end() && record.role == FlowRole::client) out.service = service->second;
  if (record.met) out.entry = tandem::name_of(record.met.state);
  if (record.made) out.becomes = tandem::name_of(record.made.state);
  out.backend = backend_name(record.made ? record.made.backend : record.met.backend);
  out.stage = kTraceStageNames[static_cast<std::size_t>(record.stage)], out.fate = name_of(record.fate);
  if (record.reason < DropReason::count_) out.reason = kDropReasonTexts[static_cast<std::size_t>(record.reason)].name;
  if (record.fate == FlowFate::handed_over) out.owner = index(record.owner);
  if (record.fate == FlowFate::punted) out.punt_class = kPuntClassNames[static_cast<std::size_t>(record.punt_class)];
  if (record.fate != FlowFate::sent) return out;
  out.out = port_name(record.out);
  out.left_source = record.left_source.port == 0 ? to_string(record.left_source.address) : to_string(record.left_source);
  out.left_target = record.left_target.port == 0 ? to_string(record.left_target.address) : to_string(record.left_target);
  return out;
}

}  // namespace tandem
