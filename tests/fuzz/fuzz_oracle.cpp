// SPDX-License-Identifier: Apache-2.0
// One worker's pipeline beside the oracle: whatever comes, what is forwarded is what the oracle says, byte for byte. Frames lie at the end
// of their memory now and then.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "common/base/ensure.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/oracle.h"

using namespace tandem;
using namespace tandem::test;
using tandem::fuzz::Choices;
using tandem::fuzz::Oracle;

namespace {

constexpr std::size_t kConnections = 4000, kMostSteps = 200;  // no table fills and nobody is evicted: that is fuzz_pipeline's

[[noreturn]] void complain(const std::string& what_is_wrong) {
  std::fprintf(stderr, "%s\n", what_is_wrong.c_str());
  std::abort();
}

// Its schedules are made once.
const World& model() {
  static const World made = [] {
    World world = fuzz::oracle_world();
    world.generation();
    for (WorldService& service : world.services) service.turns.reset();
    for (WorldPool& pool : world.pools) pool.ports.reset();
    return world;
  }();
  return made;
}

World fresh_world() {
  World world = model();
  for (WorldPool& pool : world.pools) pool.ports = std::make_shared<PortBook>();
  return world;
}

// To a port of ours that is in use: an answer, or an error about what was asked.
Bytes frame_to_own_port(const Oracle& oracle, Choices& choices) {
  const auto& [key, port] = *std::next(oracle.own_ports().begin(), static_cast<std::ptrdiff_t>(choices.below(oracle.own_ports().size())));
  const fuzz::Served& service = *std::get<2>(key);
  const std::string server = to_string(service.server.address), pool = to_string(fuzz::pool_of(service));
  const auto own_port = static_cast<std::uint16_t>(port);
  Frame frame;
  frame.eth(kNode1, fuzz::kStranger).ip(server, pool);
  if (!choices.one_in(3))
    return frame.tcp(service.server.port, own_port, static_cast<std::uint8_t>(choices.below(64))).payload(choices.below(64)).bytes();
  Frame asked;
  asked.ip(pool, server).tcp(own_port, service.server.port, kTcpAck).payload(choices.below(16));
  Bytes quote = asked.bytes();
  quote.erase(quote.begin(), quote.begin() + sizeof(EthHeader));
  return frame.icmp(service.server.address.family == Family::ipv4 ? kIcmpUnreachable : kIcmpv6Unreachable, choices.byte())
      .payload(quote)
      .bytes();
}

// From somebody whom nobody forwards to, and mostly to us.
void address_link(Choices& choices, PortId port, Bytes& frame) {
  const bool to_us = !choices.one_in(8);
  if (frame.size() < sizeof(EthHeader)) return;
  if (to_us) std::ranges::copy(mac(port == PortId{0} ? kNode0 : kNode1).bytes, frame.begin());
  std::ranges::copy(mac(fuzz::kStranger).bytes, frame.begin() + 6);
}

void run(BareWorker& worker, Oracle& oracle, Choices& choices) {
  const PortId port{static_cast<std::uint8_t>(choices.below(2))};
  const bool own = choices.one_in(6) && !oracle.own_ports().empty();
  Bytes frame = own ? frame_to_own_port(oracle, choices) : fuzz::choose_frame(choices);
  address_link(choices, port, frame);
  Outcome outcome = choices.one_in(4) ? worker.receive_mbuf(port, to_guarded_mbuf(frame)) : worker.receive(port, std::vector<Bytes>{frame});
  oracle.judge(port, frame, outcome);
  outcome.release();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::size_t before = buffers_in_use();
  Choices choices{data, size};
  World world = fresh_world();
  {
    BareWorker worker{world, complain, WorkerId{0}, kConnections};
    Oracle oracle{complain};
    for (std::size_t step = 0; step < kMostSteps && !choices.ended(); ++step) run(worker, oracle, choices);
    worker.take_time(Instant{} + std::chrono::seconds{2});
    for (;;) {
      Outcome late = worker.end_late_fragments();
      late.release();
      if (worker.fragments_held() == 0) break;
    }
  }
  ensure(buffers_in_use() == before);
  return 0;
}
