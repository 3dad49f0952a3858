// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sim_workers.h"

#include <algorithm>

#include "dataplane/conn/flow_record.h"
#include "dataplane/flows/learn_flow.h"
#include "tests/support/buffers.h"

namespace tandem::sim {
namespace {

constexpr std::uint64_t kConnections = 2048;

}  // namespace

SimWorkers::SimWorkers(std::size_t node, std::size_t workers, std::uint64_t first_incarnation, Instant now, Sent sent)
    : sent_{std::move(sent)},
      world_{site(node, workers)},
      publisher_{static_cast<unsigned>(workers)},
      fabric_{static_cast<unsigned>(workers), 256},
      hasher_{derive_key(world_.seed, "table")},
      owners_{even_owners(workers)} {
  test::buffers_in_use();  // DPDK is up
  clock_.set(now);
  desk_.first_incarnation = first_incarnation;
  std::unique_ptr<Generation> first = world_.generation();
  const auto count = static_cast<unsigned>(workers);
  const std::vector<QueueCount> queues(kLans, {count, count});
  const WorkerSurroundings around{*this, publisher_, clock_, fabric_, rates_, bell_, losses_, desk_, 1'000'000'000};
  for (unsigned w = 0; w < count; ++w) {
    const auto id = static_cast<WorkerId>(w);
    auto state = WorkerState::make(id, {kConnections, 64, false}, first->keys.table, std::make_shared<WorkerTallies>(64));
    workers_.push_back(std::make_unique<Worker>(
        id, around, WorkerDuties{rx_queues_of(id, queues, count), tx_ways_of(id, queues, count), 0, true}, std::move(*state)));
  }
  ensure(publisher_.publish(std::move(first)).has_value());
  face_.emplace(workers_, desk_, derive_key(world_.seed, "table"), owners_);
  face_->set_sync(true);
}

SimWorkers::~SimWorkers() {
  for (auto& lan : waiting_)
    for (rte_mbuf* mbuf : lan) rte_pktmbuf_free(mbuf);
  for (auto& lan : waiting_) lan.clear();
  sent_ = [](std::size_t, const test::Bytes&) {};
  for (bool busy = true; busy;) {
    busy = false;
    for (const auto& worker : workers_) busy |= worker->settle();
  }
  for (const auto& worker : workers_) worker->abandon();
}

void SimWorkers::turn(Instant now) {
  clock_.set(now);
  for (bool busy = true; busy;) {
    busy = false;
    for (const auto& worker : workers_) busy |= worker->turn();
  }
}

void SimWorkers::receive(std::size_t lan, const test::Bytes& frame) { waiting_[lan].push_back(test::to_mbuf(frame)); }

bool SimWorkers::beat(WorkerId by, PortId port, std::span<const std::uint8_t> frame, Instant deadline) {
  rte_mbuf* mbuf = test::to_mbuf(frame);
  if (workers_[index(by)]->pair().beats().push({mbuf, port, deadline})) return true;
  rte_pktmbuf_free(mbuf);
  return false;
}

std::uint16_t SimWorkers::receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept {
  if (queue != 0) return 0;  // everything comes by the first worker, and is handed over from there
  std::deque<rte_mbuf*>& waiting = waiting_[index(port)];
  std::uint16_t count = 0;
  for (; count < room && !waiting.empty(); waiting.pop_front()) burst[count++] = waiting.front();
  return count;
}

std::uint16_t SimWorkers::send(PortId port, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept {
  for (std::uint16_t i = 0; i < count; ++i) sent_(index(port), test::take(burst[i]));
  return count;
}

ConnEntry4* SimWorkers::entry_of(std::uint16_t client_port, ConnTable4*& table) {
  SyncRecord wanted;
  const Endpoint vip = vip_of_client(client_port);
  wanted.client = site_address(0, 5), wanted.client_port = static_cast<std::uint16_t>(1024 + client_port);
  wanted.protocol = Protocol::tcp, wanted.vip = vip.address, wanted.vip_port = vip.port;
  const ConnKey4 key = key_of<ConnEntry4>(wanted);
  const TableHash hash = hasher_(key.client);
  table = &workers_[index(owner_of(static_cast<std::uint32_t>(hash >> 32), owners_))]->state().table4();
  return table->find(hash, key, Direction::from_client);
}

std::optional<SyncRecord> SimWorkers::find(std::uint16_t client_port) {
  ConnTable4* table = nullptr;
  ConnEntry4* entry = entry_of(client_port, table);
  if (entry == nullptr) return std::nullopt;
  return record_of(*publisher_.latest(), *table, *entry, Operation::put, static_cast<GroupId>(group_of_client(client_port)));
}

std::uint8_t SimWorkers::flags_of(std::uint16_t client_port) {
  ConnTable4* table = nullptr;
  const ConnEntry4* entry = entry_of(client_port, table);
  return entry == nullptr ? std::uint8_t{0} : entry->flags;
}

Instant SimWorkers::heard(std::uint16_t client_port) {
  ConnTable4* table = nullptr;
  const ConnEntry4* entry = entry_of(client_port, table);
  ensure(entry != nullptr);
  const Nanoseconds idle = std::chrono::seconds{entry->idle_ticks(workers_.front()->state().expiry4().tick())};
  return Instant{clock_.now().since_start - idle};
}

std::vector<SyncRecord> SimWorkers::connections() {
  std::vector<SyncRecord> all;
  for (const auto& worker : workers_) {
    ConnTable4& table = worker->state().table4();
    table.walk(0, table.slots(),
               [&](ConnEntry4& entry) { all.push_back(record_of(*publisher_.latest(), table, entry, Operation::put, kNoGroup)); });
  }
  std::ranges::sort(all, {}, &SyncRecord::client_port);
  return all;
}

}  // namespace tandem::sim
