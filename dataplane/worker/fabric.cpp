// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/fabric.h"

#include <algorithm>
#include <bit>

namespace tandem {

Fabric::Fabric(unsigned workers, std::size_t capacity) : workers_{workers}, doors_{std::make_unique<Door[]>(workers)} {
  for (unsigned pair = 0; pair < workers * workers; ++pair) rings_.push_back(std::make_unique<SpscRing<Crossing>>(capacity));
}

std::size_t Fabric::ring_capacity(unsigned workers) { return std::bit_floor(std::clamp(4096U / workers, 128U, 1024U)); }

}  // namespace tandem
