// SPDX-License-Identifier: Apache-2.0
// Two nodes in one thread, and the time that each stage of telling takes. Threads: one.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "controlplane/daemon/pair_world.h"
#include "controlplane/sync/session.h"
#include "tests/bench/samples.h"
#include "tests/bench/sync_traffic.h"

namespace tandem::bench {

// A node's side of the sync: what tandemd's pair thread holds for it.
struct SyncSide {
  SyncSide(SyncNode& node, const std::string& name, const std::string& own, const std::string& other);

  sync::Flows flows;
  sync::Session session;
  SyncSocket socket;
};

class SyncStages {
 public:
  static constexpr std::size_t kRound = 2048;  // connections: less than a ring between worker and thread holds
  struct Stage {
    std::string name;
    Samples cycles;
  };

  SyncStages(rte_mempool* pool, std::uint64_t connections, bool hugepages, double tsc_hz);

  void fill(std::uint64_t live);  // rounds that nobody measures, until so many connections are known to both
  void round();                   // so many connections made, told and learned; as many are made while nobody listens
  void walk();                    // all are told once more

  std::vector<Stage> stages() const;
  std::vector<Stage> sums() const;
  Samples wire_bytes() const { return wire_bytes_; }  // of a connection, with headers of UDP, IPv4 and Ethernet

 private:
  enum Part { told, laid_out, sealed, sent, received, opened, handed_on, learned, answered, heard, walked, learned_again, parts };
  static constexpr std::array<const char*, parts> kNames{"worker: told while packets come",
                                                         "pair: laid out",
                                                         "pair: sealed",
                                                         "wire: sent by UDP",
                                                         "wire: received by UDP",
                                                         "pair: opened",
                                                         "pair: read and handed on",
                                                         "worker: learned, new",
                                                         "pair: acknowledged, all in all",
                                                         "pair: acknowledgement heard",
                                                         "worker: told by a walk",
                                                         "worker: learned, known already"};

  void shake_hands();
  std::uint64_t open_connections();                                    // cycles
  std::size_t tell(SyncSide& from, std::array<double, parts>& spent);  // bytes of payload that left
  void hear(SyncSide& at, std::array<double, parts>& spent);
  double learn(std::uint64_t until);
  void note(const std::array<double, parts>& spent);

  PacedClients clients_;
  Onlooker onlooker_;
  SyncNode ours_, theirs_;
  SyncSide us_, them_;
  Instant now_{std::chrono::seconds{100}};
  std::array<Samples, parts> cycles_;
  Samples telling_, hearing_, wire_bytes_;
};

}  // namespace tandem::bench
