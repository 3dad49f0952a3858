// SPDX-License-Identifier: Apache-2.0
#include "tests/load/numbered.h"

#include <algorithm>
#include <cstring>

namespace tandem::load {

Name to_name(std::string_view text) {
  Name name{};
  std::copy_n(text.begin(), std::min(text.size(), kNameBytes), name.begin());
  return name;
}

std::string to_text(const Name& name) { return {name.begin(), std::find(name.begin(), name.end(), '\0')}; }

Block::Block(std::uint64_t of_stream, std::uint64_t with_number) : stream{of_stream}, number{with_number} {
  body.fill(of_stream * 0x9E3779B97F4A7C15U + with_number);
}

Faults& Faults::operator+=(const Faults& more) {
  lost += more.lost, doubled += more.doubled, damaged += more.damaged;
  return *this;
}

void Verifier::take(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t more = std::min(bytes.size(), part_.size() - have_);
    std::copy_n(bytes.begin(), more, part_.begin() + static_cast<std::ptrdiff_t>(have_));
    bytes = bytes.subspan(more);
    have_ = (have_ + more) % part_.size();
    if (have_ != 0) return;
    Block block;
    std::memcpy(&block, part_.data(), sizeof block);
    judge(block);
  }
}

void Verifier::judge(const Block& block) {
  if (!named_) stream_ = block.stream, named_ = true;
  if (block.stream != stream_ || !block.whole()) {
    ++faults_.damaged, ++next_;
  } else if (block.number < next_) {
    ++faults_.doubled;
  } else {
    faults_.lost += block.number - next_;
    next_ = block.number + 1;
  }
}

}  // namespace tandem::load
