// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/prefix_index.h"

#include <functional>

namespace tandem {
namespace {

// Network and length: never 0, since no length is.
std::uint64_t key_of(Ipv4Address address, std::uint8_t length) noexcept {
  const std::uint32_t mask = ~std::uint32_t{0} << (32 - length);
  return std::uint64_t{address.value.host() & mask} << 6 | length;
}

}  // namespace

PrefixIndex::PrefixIndex(std::span<const Prefix> prefixes) : prefixes_{prefixes.begin(), prefixes.end()} {
  std::vector<std::uint64_t> keys4;
  for (std::size_t i = 0; i < prefixes_.size(); ++i) {
    const Prefix& prefix = prefixes_[i];
    ensure(prefix.length > 0);
    lengths_[prefix.address.family == Family::ipv4 ? 0 : 1].push_back(prefix.length);
    (prefix.address.family == Family::ipv4 ? places4_ : places6_).push_back(i);
    if (prefix.address.family == Family::ipv4) keys4.push_back(key_of(prefix.address.v4(), prefix.length));
  }
  index4_ = FlatIndex{keys4};
  index6_ = Fingerprints::of(
      [&](std::uint64_t salt) {
        std::vector<std::uint64_t> keys6;
        for (const std::size_t i : places6_) keys6.push_back(fingerprint(prefixes_[i].address.v6(), prefixes_[i].length, salt));
        return keys6;
      },
      0);
  for (std::vector<std::uint8_t>& lengths : lengths_) {
    std::ranges::sort(lengths, std::greater{});
    const auto doubled = std::ranges::unique(lengths);
    lengths.erase(doubled.begin(), doubled.end());
  }
}

std::size_t PrefixIndex::find4(Ipv4Address address, std::uint8_t length) const noexcept {
  const std::size_t found = index4_.find(key_of(address, length));
  return found == 0 ? 0 : places4_[found - 1] + 1;
}

std::size_t PrefixIndex::find6(const Ipv6Address& address, std::uint8_t length) const noexcept {
  const IpAddress network = Prefix{IpAddress{address}, length}.network();
  const std::size_t found = index6_.index.find(fingerprint(network.v6(), length, index6_.salt));
  if (found == 0) return 0;
  const std::size_t place = places6_[found - 1];
  return prefixes_[place].length == length && prefixes_[place].address == network ? place + 1 : 0;
}

}  // namespace tandem
