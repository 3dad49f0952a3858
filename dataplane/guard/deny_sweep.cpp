// SPDX-License-Identifier: Apache-2.0
#include "dataplane/guard/deny_sweep.h"

namespace tandem {
namespace {

template <typename Key>
Key first_of(const Prefix& prefix) noexcept {
  if constexpr (sizeof(Key) == 4) return number_of(prefix.network().v4());
  else return number_of(prefix.network().v6());
}

}  // namespace

template <typename Key>
void Suspects<Key>::note(const GuardView& guard, std::uint64_t judged, Family family) noexcept {
  constexpr unsigned kBits = sizeof(Key) * 8;
  everybody_ = guard.told_since > judged;
  for (auto each = guard.recent.rbegin(); each != guard.recent.rend() && each->version > judged && !everybody_; ++each) {
    if (each->prefix.address.family != family) continue;
    everybody_ = count_ == kMost;
    if (everybody_) return;
    const Key first = first_of<Key>(each->prefix);
    const Key hosts = each->prefix.length >= kBits ? Key{0} : static_cast<Key>(static_cast<Key>(~Key{0}) >> each->prefix.length);
    ranges_[count_++] = {first, static_cast<Key>(first | hosts)};
  }
}

template class Suspects<std::uint32_t>;
template class Suspects<Uint128>;

}  // namespace tandem
