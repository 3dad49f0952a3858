// SPDX-License-Identifier: Apache-2.0
// Packets sorted by what the next loop does with them, so that no loop branches on it.
#pragma once

#include <array>

#include "dataplane/conn/table.h"
#include "dataplane/packet/batch.h"

namespace tandem {

// Packets of one family and direction whose connections are looked up together.
struct FindLane {
  Lane packets;
  std::array<Candidate, kBatchMax> candidates;
};

// Packets of one family whose entry is known, by how they leave.
struct SendLanes {
  Lane nat_to_backend, nat_to_client, l2_dsr;

  void clear() noexcept { nat_to_backend.clear(), nat_to_client.clear(), l2_dsr.clear(); }
};

struct Lanes {
  FindLane from_client4, from_backend4, from_client6, from_backend6;
  SendLanes send4, send6;
  Lane new_from_client4, new_from_client6;    // no entry that decides alone: choose.h
  Lane lone_from_backend4, lone_from_backend6;  // replies without an entry

  void clear() noexcept;
};

}  // namespace tandem
