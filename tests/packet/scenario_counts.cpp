// SPDX-License-Identifier: Apache-2.0
// What a scenario asks of the workers: their counters, their tables, and how a conversation begins.
#include <array>

#include "dataplane/conn/tcp_state.h"
#include "tests/packet/scenario.h"

namespace tandem::test {

namespace {

struct Lives {
  std::uint64_t all = 0, closed = 0;
};

// By slot, as a walk of the table finds them.
template <typename Table>
void walk(Table& table, std::map<std::size_t, Lives>& lives) {
  table.walk(0, table.slots(), [&](const auto& entry) {
    Lives& of = lives[index(entry.backend_slot)];
    ++of.all;
    of.closed += is_closed(entry.state);
  });
}

}  // namespace

unsigned Scenario::server_of(const Lines& lines) {
  const std::size_t at = lines.size() == 1 ? lines[0].find("> 02:00:00:00:bb:") : std::string::npos;
  return at == std::string::npos ? 0 : static_cast<unsigned>(std::stoul(lines[0].substr(at + 17, 2)));
}

unsigned Scenario::opens(const Flow& flow) {
  const Lines first = client_sends(from_client(flow));
  const unsigned server = server_of(first);
  EXPECT_EQ(first, leaves(kP1, at_server(flow, server == 0 ? kServers[0] : server))) << name_of(flow.service);
  if (server == 0) return 0;
  if (!is_direct(flow.service)) {
    EXPECT_EQ(server_sends(from_server(flow, server)), leaves(kP0, at_client(flow)));
  }
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  return server;
}

std::uint64_t Scenario::counted(Counter WorkerCounters::*which) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += (member.worker->counters().*which).get();
  return sum;
}

std::uint64_t Scenario::counted(Service service, unsigned server, Counter BackendCounters::*which) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += (member.worker->backend(service, server - kServers[0]).*which).get();
  return sum;
}

std::uint64_t Scenario::counted(Service service, Counter BackendCounters::*which) const {
  std::uint64_t sum = 0;
  for (const unsigned server : kServers) sum += counted(service, server, which);
  return sum;
}

std::uint64_t Scenario::counted(DropReason reason) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->dropped(reason);
  if (const auto given_up = seen_.given_up.find(std::string{name_of(reason)}); given_up != seen_.given_up.end()) sum += given_up->second;
  return sum;
}

std::uint64_t Scenario::counted(RemoveReason reason) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->counters().removed[static_cast<std::size_t>(reason)].get();
  return sum;
}

std::uint64_t Scenario::counted(InsertFailure failure) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->counters().insert_failures[static_cast<std::size_t>(failure)].get();
  return sum;
}

std::uint64_t Scenario::counted(OrphanDecision decision) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->counters().orphans[static_cast<std::size_t>(decision)].get();
  return sum;
}

std::uint64_t Scenario::counted(IcmpErrorFate fate) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->counters().icmp_errors[static_cast<std::size_t>(fate)].get();
  return sum;
}

std::uint64_t Scenario::counted(OwnSegmentKind kind) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->counters().own_segments[static_cast<std::size_t>(kind)].get();
  return sum;
}

std::uint64_t Scenario::counted(ClientAddressFate fate) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->counters().client_addresses[static_cast<std::size_t>(fate)].get();
  return sum;
}

std::uint64_t Scenario::entries() const {
  std::uint64_t sum = 0;
  for (std::size_t worker = 0; worker < members_.size(); ++worker) sum += entries_of(worker);
  return sum;
}

std::uint64_t Scenario::entries_of(std::size_t worker) const {
  return members_.at(worker).worker->table4().size() + members_.at(worker).worker->table6().size();
}

std::size_t Scenario::fragments_held() const {
  std::size_t sum = 0;
  for (const Member& member : members_) sum += member.worker->fragments_held();
  return sum;
}

std::uint64_t Scenario::entries(ConnState state) const {
  std::uint64_t sum = 0;
  for (const Member& member : members_) sum += member.worker->table4().count(state) + member.worker->table6().count(state);
  return sum;
}

// Summed over workers: what was opened and not removed is there, and what closed and was not reopened is closed there.
void Scenario::expect_entries() const {
  std::map<std::size_t, Lives> lives;
  for (const Member& member : members_) {
    walk(member.worker->table4(), lives);
    walk(member.worker->table6(), lives);
  }
  for (std::size_t service = 0; service < world.services.size(); ++service) {
    for (const unsigned server : kServers) {
      const auto count = [&](Counter BackendCounters::*which) { return counted(static_cast<Service>(service), server, which); };
      const Lives& found = lives[index(world.slot(service, server - kServers[0]))];
      const std::string where = name_of(static_cast<Service>(service)) + " at server " + std::to_string(server);
      EXPECT_EQ(count(&BackendCounters::opened_entries) - count(&BackendCounters::removed_entries), found.all) << "entries of " << where;
      EXPECT_EQ(count(&BackendCounters::closed_entries) - count(&BackendCounters::reopened_or_ended), found.closed)
          << "closed entries of " << where;
    }
  }
}

}  // namespace tandem::test
