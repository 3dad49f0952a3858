// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bare_worker.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "common/base/ensure.h"
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/end_denied.h"
#include "tests/support/packet_text.h"

namespace tandem::test {

namespace {

constexpr std::size_t kSlots = 64;

// From the heap: anonymous_memory's pages of 2 MiB take longer to clear than most tests run, and ASan sees what lies beyond.
MemoryBlock heap_memory(std::size_t bytes) {
  constexpr std::size_t kAlignment = 4096;
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* start = std::aligned_alloc(kAlignment, bytes);
  ensure(start != nullptr);
  std::memset(start, 0, bytes);
  return MemoryBlock{start, bytes, [](void* taken, std::size_t) { std::free(taken); }};
}

// A packet of several segments holds as many buffers.
std::size_t buffers_kept(const Outcome& outcome) {
  std::size_t kept = 0;
  for (const Handover& one : outcome.handed_over) kept += one.mbuf->nb_segs;
  for (const Held& one : outcome.held) kept += one.mbuf->nb_segs;
  return kept;
}

std::uint64_t sum_dropped(const WorkerCounters& counters) {
  std::uint64_t sum = 0;
  for (const Counter& counter : counters.dropped) sum += counter.get();
  return sum;
}

std::string at_port(PortId port, const Bytes& frame) {
  std::string line{"p"};  // appended to, because gcc 12 warns of "p" + std::to_string()
  line += std::to_string(index(port));
  line += ": ";
  line += to_line(frame);
  return line;
}

}  // namespace

std::vector<std::string> Outcome::lines() const {
  std::vector<std::string> lines;
  for (const Sent& one : sent) lines.push_back(at_port(one.port, one.frame));
  for (const Punted& one : punted)
    lines.push_back("punt " + std::string{kPuntClassNames[static_cast<std::size_t>(one.punt_class)]} + " " + at_port(one.port, one.frame));
  for (const Sent& one : to_pair) lines.push_back("to pair " + at_port(one.port, one.frame));
  for (const auto& [reason, count] : dropped)
    for (unsigned i = 0; i < count; ++i) lines.push_back("drop " + reason);
  for (const Held& one : held) lines.push_back("hold for " + to_string(one.destination));
  for (const Handover& one : handed_over) lines.push_back("hand over to " + std::to_string(index(one.owner)));
  return lines;
}

bool is_as_it_came(const Bytes& punted, const std::vector<Bytes>& came) {
  const auto is_it = [&](const Bytes& frame) {
    const bool by_group = frame.size() >= 6 && std::memcmp(frame.data(), "\0\0\x5e\0", 4) == 0;
    const std::ptrdiff_t from = by_group ? 6 : 0;
    return frame.size() == punted.size() && std::equal(frame.begin() + from, frame.end(), punted.begin() + from);
  };
  return std::any_of(came.begin(), came.end(), is_it);
}

void Outcome::release() {
  for (const Held& one : held) rte_pktmbuf_free(one.mbuf);
  for (const Handover& one : handed_over) rte_pktmbuf_free(one.mbuf);
  held.clear();
  handed_over.clear();
}

BareWorker::BareWorker(World& world, Complain complain, WorkerId self, std::size_t connections, Tick start)
    : world_{world},
      complain_{std::move(complain)},
      table4_{connections, heap_memory(ConnTable4::bytes_for(connections))},
      table6_{connections, heap_memory(ConnTable6::bytes_for(connections))},
      expiry4_{table4_.slots(), heap_memory(Expiry::bytes_for(table4_.slots())), start},
      expiry6_{table6_.slots(), heap_memory(Expiry::bytes_for(table6_.slots())), start},
      hasher_{derive_key(world.seed, "table"), TableHasher::Kind::siphash},
      backends_(kSlots) {
  context_.self = self;
  context_.hasher = &hasher_;
  context_.connections4 = {&table4_, &expiry4_};
  context_.connections6 = {&table6_, &expiry6_};
  context_.counters = counters_.get();
  context_.backends = backends_;
  context_.datagrams = &datagrams_;
  context_.error_rate = &error_rate_;
  context_.own_segments = &own_segments_;
  context_.buffers = test_pool();
  context_.sources = sources_.get();
  error_rate_.set(kErrorsPps);
  publish();
}

BareWorker::~BareWorker() {
  take_time(context_.now + DatagramTable::kPatience);
  end_late_fragments();
}

void BareWorker::publish() {
  auto next = world_.generation();
  context_.generation = next.get();
  generation_ = std::move(next);
}

void BareWorker::pass_time(std::uint32_t ticks) {
  for (std::uint32_t i = 0; i < ticks; ++i) {
    expiry4_.advance(expiry4_.tick() + 1);
    expiry6_.advance(expiry6_.tick() + 1);
    for (std::size_t at = 0; at <= table4_.slots(); at += Expiry::kSlice)
      expiry4_.sweep(table4_, [&](ConnEntry4& entry) { end_connection(context_, context_.connections4, entry, RemoveReason::expired); });
    for (std::size_t at = 0; at <= table6_.slots(); at += Expiry::kSlice)
      expiry6_.sweep(table6_, [&](ConnEntry6& entry) { end_connection(context_, context_.connections6, entry, RemoveReason::expired); });
  }
}

void BareWorker::end_denied() {
  while (tandem::end_denied(context_, denials_)) {
  }
}

Outcome BareWorker::receive(PortId port, const std::vector<Bytes>& frames) {
  batch_->clear();
  for (const Bytes& frame : frames) batch_->add(to_mbuf(frame), port);
  return run(frames.size(), frames.size());
}

Outcome BareWorker::receive_mbuf(PortId port, rte_mbuf* mbuf, Origin origin) {
  batch_->clear();
  batch_->add(mbuf, port, origin);  // may join segments
  return run(1, mbuf->nb_segs);
}

Outcome BareWorker::receive_handed_over(const Handover& handover) {
  batch_->clear();
  batch_->add_handed_over(handover.mbuf);
  return run(1, handover.mbuf->nb_segs);
}

Outcome BareWorker::send_own_segments() {
  batch_->clear();
  return run(0, 0);
}

Outcome BareWorker::end_late_fragments() {
  Outcome all;
  batch_->clear();
  while (datagrams_.expire(context_.now))
    for (const auto& [reason, count] : run(0, 0).dropped) all.dropped[reason] += count;
  return all;
}

// The worker's part: what waited for a first fragment that has come goes after it. False: none does.
bool BareWorker::add_fragments() {
  batch_->clear();
  LeavingFragment leaving;
  while (batch_->room() != 0 && datagrams_.take(leaving)) {
    fragment_buffers_ -= leaving.mbuf->nb_segs;
    if (leaving.reason == DropReason::count_) {
      batch_->add_traced(leaving.mbuf, leaving.flow);
    } else {
      counters_->dropped[static_cast<std::size_t>(leaving.reason)].add();
      rte_pktmbuf_free(leaving.mbuf);
    }
  }
  return batch_->size() != 0;
}

void BareWorker::run_pipeline(Outcome& outcome) {
  pipeline_->run(context_, *batch_);
  empty_batch(outcome);
}

void BareWorker::empty_batch(Outcome& outcome) {
  for (std::size_t port = 0; port < kBatchPorts; ++port)
    for (rte_mbuf* mbuf : batch_->transmits(static_cast<PortId>(port))) outcome.sent.push_back({static_cast<PortId>(port), take(mbuf)});
  for (const Punt& punt : batch_->punts()) outcome.punted.push_back({punt.port, punt.punt_class, take(punt.mbuf)});
  for (const PairPacket& packet : batch_->to_pair()) outcome.to_pair.push_back({packet.port, take(packet.mbuf)});
  outcome.handed_over.insert(outcome.handed_over.end(), batch_->handovers().begin(), batch_->handovers().end());
  outcome.held.insert(outcome.held.end(), batch_->held().begin(), batch_->held().end());
  for (const Packet& packet : batch_->packets())
    if (packet.verdict == Verdict::hold && packet.kind == PacketKind::fragment) fragment_buffers_ += packet.mbuf->nb_segs;
}

Outcome BareWorker::run(std::size_t packets, std::size_t buffers) {
  const std::uint64_t consumed = counters_->consumed.get(), originated = counters_->originated.get(), dropped = sum_dropped(*counters_);
  std::array<std::uint64_t, kDropReasons> before;
  for (std::size_t i = 0; i < kDropReasons; ++i) before[i] = counters_->dropped[i].get();
  const std::size_t in_use = buffers_in_use() - fragment_buffers_, waiting = fragments_waiting_;

  Outcome outcome;
  run_pipeline(outcome);
  while (add_fragments()) run_pipeline(outcome);
  while (!own_segments_.empty()) {
    batch_->clear();
    pipeline_->send_own_segments(context_, *batch_);
    empty_batch(outcome);
  }
  fragments_waiting_ = datagrams_.held();
  for (std::size_t i = 0; i < kDropReasons; ++i)
    if (const std::uint64_t count = counters_->dropped[i].get() - before[i]; count != 0)
      outcome.dropped[std::string{kDropReasonTexts[i].name}] = static_cast<unsigned>(count);
  outcome.consumed = counters_->consumed.get() - consumed;
  outcome.originated = counters_->originated.get() - originated;

  const std::size_t kept = outcome.handed_over.size() + outcome.held.size();
  judge("the balance does not hold: packets that came or were made, and packets accounted for", packets + outcome.originated,
        outcome.sent.size() + outcome.consumed + outcome.punted.size() + outcome.to_pair.size() + sum_dropped(*counters_) - dropped + kept +
            fragments_waiting_ - waiting);
  judge("a buffer was lost or given back twice: buffers in use", in_use - buffers + buffers_kept(outcome),
        buffers_in_use() - fragment_buffers_);
  return outcome;
}

void BareWorker::judge(const char* what, std::uint64_t expected, std::uint64_t got) const {
  if (expected != got) complain_(std::string{what} + ": expected " + std::to_string(expected) + ", got " + std::to_string(got));
}

}  // namespace tandem::test
