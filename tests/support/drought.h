// SPDX-License-Identifier: Apache-2.0
// The pool has no buffers but so many, for as long as this lives.
#pragma once

#include <vector>

#include "tests/support/buffers.h"

namespace tandem::test {

class Drought {
 public:
  explicit Drought(std::size_t left) {
    while (rte_mbuf* const mbuf = rte_pktmbuf_alloc(test_pool())) taken_.push_back(mbuf);
    give_back(left);
  }
  ~Drought() { give_back(taken_.size()); }
  Drought(const Drought&) = delete;
  Drought& operator=(const Drought&) = delete;

  void give_back(std::size_t buffers) {
    for (; buffers != 0 && !taken_.empty(); --buffers, taken_.pop_back()) rte_pktmbuf_free(taken_.back());
  }
  std::size_t in_use_by_others() const { return buffers_in_use() - taken_.size(); }

 private:
  std::vector<rte_mbuf*> taken_;
};

}  // namespace tandem::test
