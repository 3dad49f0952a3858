// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/watch_streams.h"

#include <algorithm>

#include "common/api/base64.h"
#include "controlplane/api/pcapng.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kWordEvery{1};

std::int64_t wall_ns() { return std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

struct Taken {
  CaptureHead head;
  std::vector<std::byte> bytes;
};

}  // namespace

WatchStreams::WatchStreams(Loop& loop, NodeState& node, WatchDesk& desk, std::size_t workers)
    : loop_{loop}, node_{node}, desk_{desk}, workers_{workers}, wall_offset_ns_{wall_ns() - node.now().since_start.count()} {}

void WatchStreams::add_to(Server& server) {
  server.handle("capture", [this](const CallPtr& call) { capture(call); });
  server.handle("trace", [this](const CallPtr& call) { trace(call); });
}

// False: another client has it.
bool WatchStreams::begin(Stream& stream, const CallPtr& call, const char* what) {
  if (stream.call != nullptr && stream.call->connected()) {
    call->fail({api::Exit::refused, std::string{"another "} + what + " runs, by " + stream.user, "one runs at a time"});
    return false;
  }
  stream = {.call = call, .user = call->peer().user, .most = static_cast<std::uint64_t>(call->number_or("count", 0))};
  const double seconds = call->number_or("seconds", 0);
  if (seconds > 0) stream.until = node_.now() + std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
  stream.next_word = node_.now() + kWordEvery;
  wall_offset_ns_ = wall_ns() - node_.now().since_start.count();
  if (!timer_.active()) timer_ = loop_.every(kEvery, [this] { turn(); });
  return true;
}

void WatchStreams::capture(const CallPtr& call) {
  api::Answer<CaptureWish> wish = read_capture(*call, node_, workers_);
  if (!wish) return call->fail(wish.error());
  if (!begin(capture_, call, "capture")) return;
  const std::uint32_t snap_bytes = wish->snap_bytes;
  if (const Result<> begun = desk_.begin_capture(std::move(*wish)); !begun) {
    capture_ = {};
    return call->fail({api::Exit::usage, begun.error().message});
  }
  node_.events().add(Severity::info, "capture", "node " + node_.config().node.name, "a capture of packets begins", capture_.user);
  std::vector<pcapng::Interface> interfaces;
  for (const config::Port& port : node_.config().port) interfaces.push_back({port.name, port.device});
  interfaces.push_back({"unknown", "packets that were given up where their port is not known any more"});
  interfaces_ = static_cast<std::uint32_t>(interfaces.size());
  tell(capture_, {{"blocks", api::to_base64(pcapng::section("tandemd on " + node_.config().node.name, interfaces, snap_bytes))}});
}

void WatchStreams::trace(const CallPtr& call) {
  api::Answer<FilterProgram> program = read_program(*call);
  if (!program) return call->fail(program.error());
  if (!begin(trace_, call, "trace")) return;
  names_ = std::make_unique<TraceNames>(node_, wall_offset_ns_);
  if (const Result<> begun = desk_.begin_trace(std::move(*program)); !begun) {
    trace_ = {};
    call->fail({api::Exit::usage, begun.error().message});
  }
}

void WatchStreams::turn() {
  if (capture_.call != nullptr) turn_capture();
  if (trace_.call != nullptr) turn_trace();
  if (capture_.call == nullptr && trace_.call == nullptr) timer_.cancel();
}

// What is under way when it stops is taken a turn later.
void WatchStreams::turn_capture() {
  Stream& stream = capture_;
  if (!stream.call->connected()) desk_.stop_capture(), stream = {};
  if (stream.call == nullptr || stream.congested) return;
  const bool more = take_captured();
  if (stream.is_full() || (stream.stopping && !more)) {
    desk_.stop_capture();
    return end(stream, desk_.capture_totals());
  }
  if (stream.until != Instant{} && node_.now() >= stream.until) stream.stopping = true, desk_.stop_capture();
}

// In the order of time over all workers, as far as they go into one portion.
bool WatchStreams::take_captured() {
  std::vector<Taken> taken;
  desk_.take_captured(kPortion, [&](const CaptureHead& head, std::span<const std::byte> bytes) {
    taken.push_back({head, {bytes.begin(), bytes.end()}});
  });
  std::ranges::stable_sort(taken, {}, [](const Taken& each) { return each.head.time_ns; });
  std::string blocks;
  for (const Taken& each : taken) {
    if (capture_.is_full()) break;
    blocks += pcapng::packet(each.head, each.bytes, interface_of(each.head.port), each.head.time_ns + wall_offset_ns_);
    ++capture_.packets;
  }
  if (blocks.empty() && node_.now() < capture_.next_word) return false;
  tell(capture_, {{"blocks", api::to_base64(blocks)}});
  return !blocks.empty();
}

std::uint32_t WatchStreams::interface_of(PortId port) const {
  return port == kPortUnknown ? interfaces_ - 1 : static_cast<std::uint32_t>(index(port));
}

void WatchStreams::turn_trace() {
  Stream& stream = trace_;
  if (!stream.call->connected()) desk_.stop_trace(), stream = {};
  if (stream.call == nullptr || stream.congested) return;
  const bool more = take_traced();
  if (stream.is_full() || (stream.stopping && !more)) {
    desk_.stop_trace();
    return end(stream, desk_.trace_totals());
  }
  if (stream.until != Instant{} && node_.now() >= stream.until) stream.stopping = true, desk_.stop_trace();
}

bool WatchStreams::take_traced() {
  std::vector<TraceRecord> taken;
  desk_.take_traced(kRecordsAtOnce, [&](const TraceRecord& record) { taken.push_back(record); });
  std::ranges::stable_sort(taken, {}, &TraceRecord::time_ns);
  for (const TraceRecord& record : taken) {
    if (trace_.is_full()) break;
    trace_.call->event(names_->describe(record));
    ++trace_.packets;
  }
  trace_.congested = !taken.empty();
  if (!taken.empty()) trace_.call->when_read([this] { trace_.congested = false; });
  return !taken.empty();
}

void WatchStreams::tell(Stream& stream, const api::Json& event) {
  api::Json full = event;
  full["packets"] = stream.packets, full["lost"] = desk_.capture_totals().lost;
  stream.next_word = node_.now() + kWordEvery;
  stream.congested = true;
  stream.call->event(full);
  stream.call->when_read([&stream] { stream.congested = false; });
}

void WatchStreams::end(Stream& stream, const CaptureTotals& totals) {
  stream.call->end({{"packets", stream.packets}, {"seen", totals.seen}, {"lost", totals.lost}});
  stream = {};
}

}  // namespace tandem
