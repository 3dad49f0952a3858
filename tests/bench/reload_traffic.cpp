// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/reload_traffic.h"

#include <rte_mbuf.h>

#include <cstring>

#include "common/base/ensure.h"
#include "common/net/checksum.h"
#include "dataplane/pipeline/new_entry.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kEthBytes = 14;
constexpr std::uint64_t kPorts = 50'000;  // of one client
constexpr std::uint16_t kFirstPort = 10'000;

}  // namespace

// Mixed, so that the flows of one client address meet many services.
ServiceFlow service_flow(std::uint64_t number) {
  const std::uint64_t mixed = number * 0x9e3779b97f4a7c15 >> 32;
  return {v4(0x20000000U + static_cast<std::uint32_t>(number / kPorts)), Be16{static_cast<std::uint16_t>(kFirstPort + number % kPorts)},
          static_cast<int>(mixed % kServices), static_cast<int>(mixed / kServices % kBackends)};
}

FullLoad::FullLoad(rte_mempool* pool, std::uint64_t live) : pool_{pool}, live_{live} {}

FullLoad::Pattern FullLoad::pattern(const MacAddress& node) {
  Pattern made;
  made.frame = test::frame().eth(node, kOthersMac).ipv4("0.0.0.0", "0.0.0.0").tcp(kServicePort, kServicePort, kTcpAck).pad_to(60).bytes();
  auto& ip = *reinterpret_cast<Ipv4Header*>(made.frame.data() + kEthBytes);
  ip.checksum = Be16{};
  made.ip_sum = sum_bytes(&ip, sizeof ip);
  return made;
}

std::uint64_t FullLoad::next_number() noexcept {
  random_ ^= random_ << 13, random_ ^= random_ >> 7, random_ ^= random_ << 17;
  return (random_ >> 32) * live_ >> 32;
}

std::uint16_t FullLoad::receive(PortId port, std::uint16_t, rte_mbuf** burst, std::uint16_t room) noexcept {
  if (rte_pktmbuf_alloc_bulk(pool_, burst, room) != 0) return 0;
  const Pattern& pattern = port == kOutside ? from_client_ : from_backend_;
  for (std::uint16_t i = 0; i < room; ++i) {
    auto* frame = reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(burst[i], static_cast<std::uint16_t>(pattern.frame.size())));
    std::memcpy(frame, pattern.frame.data(), pattern.frame.size());
    auto& ip = *reinterpret_cast<Ipv4Header*>(frame + kEthBytes);
    auto& tcp = *reinterpret_cast<TcpHeader*>(frame + kEthBytes + sizeof ip);
    const ServiceFlow flow = service_flow(next_number());
    const bool from_client = port == kOutside;
    ip.source = from_client ? flow.client : real(flow.service, flow.backend);
    ip.target = from_client ? vip(flow.service) : flow.client;
    (from_client ? tcp.source_port : tcp.target_port) = flow.client_port;
    ip.checksum = finish_checksum(pattern.ip_sum + ip.source.value.wire + ip.target.value.wire);
  }
  return room;
}

std::uint16_t FullLoad::send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept {
  rte_pktmbuf_free_bulk(burst, count);
  return count;
}

void fill(WorkerState& state, const ThousandServices& services, std::uint64_t live) {
  const Generation& generation = *services.publisher.latest();
  const WorkerContext context = state.context();
  std::vector<std::vector<BackendSlot>> slots(kServices);
  for (int s = 0; s < kServices; ++s)
    for (int b = 0; b < kBackends; ++b)
      slots[static_cast<std::size_t>(s)].push_back(services.builder.slots_of(service_name(s), backend_name(b))[0]);
  for (std::uint64_t number = 0; number < live; ++number) {
    const ServiceFlow flow = service_flow(number);
    const BackendSlot slot = slots[static_cast<std::size_t>(flow.service)][static_cast<std::size_t>(flow.backend)];
    const config::ServiceRecord& record = *services.builder.service_of(slot);
    const ConnKey4 key{{flow.client, flow.client_port, Protocol::tcp}, vip(flow.service), Be16{kServicePort}};
    ConnEntry4 entry = new_entry<ConnEntry4>(generation, key, (*generation.services)[index(record.id())], slot);
    entry.state = ConnState::established;
    ConnDetail detail;
    detail.service = record.id();
    ensure(state.table4().insert((*context.hasher)(key.client), entry, detail).entry != nullptr);
  }
}

}  // namespace tandem::bench
