// SPDX-License-Identifier: Apache-2.0
// Packets sorted by what the next loop does with them, so that no loop branches on it.
#pragma once

#include <type_traits>

#include "dataplane/conn/entry.h"
#include "dataplane/packet/batch.h"

namespace tandem {

// One family's packets between two passes.
template <typename Entry>
struct FamilyLanes {
  Lane from_client, from_backend;                      // classify → find
  Lane nat_to_backend, l2_dsr, nat_to_client;          // find → rewrite
  Lane undecided_from_client, undecided_from_backend;  // find → choose: no entry that decides alone

  void clear() noexcept {
    for (Lane* lane :
         {&from_client, &from_backend, &nat_to_backend, &l2_dsr, &nat_to_client, &undecided_from_client, &undecided_from_backend})
      lane->clear();
  }
};

struct Lanes {
  FamilyLanes<ConnEntry4> v4;
  FamilyLanes<ConnEntry6> v6;

  void clear() noexcept { v4.clear(), v6.clear(); }
};

}  // namespace tandem
