// SPDX-License-Identifier: Apache-2.0
// Reserves 2 MiB pages for a benchmark's life and gives them back: vm.nr_hugepages is raised by what is missing, then lowered by as much.
#pragma once

#include <cstddef>

namespace tandem::bench {

class Hugepages {
 public:
  explicit Hugepages(std::size_t bytes);
  ~Hugepages();
  Hugepages(const Hugepages&) = delete;
  Hugepages& operator=(const Hugepages&) = delete;

  bool enough() const { return enough_; }  // false: not root, or memory too scattered; use MADV_HUGEPAGE

 private:
  long added_ = 0;
  bool enough_ = false;
};

}  // namespace tandem::bench
