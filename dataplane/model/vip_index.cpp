// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/vip_index.h"

#include <algorithm>
#include <cstring>

#include "common/base/ensure.h"

namespace tandem {
namespace {

std::uint64_t fingerprint(const Ipv6Address& address, std::uint64_t rest, std::uint64_t salt) noexcept {
  std::uint64_t high, low;
  std::memcpy(&high, address.bytes.data(), 8);
  std::memcpy(&low, address.bytes.data() + 8, 8);
  std::uint64_t mixed = (high + salt) * 0x9e3779b97f4a7c15 ^ (low + rest) * 0xc2b2ae3d27d4eb4f;
  mixed ^= mixed >> 32;
  mixed *= 0xd6e8feb86659fd93;
  return mixed >> FlatIndex::kPlaceBits | 1;  // never 0
}

std::uint64_t rest_of(Protocol protocol, Be16 port) noexcept {
  return std::uint64_t{port.wire} << 8 | static_cast<std::uint64_t>(protocol);
}

std::uint64_t rest_of(const VipEntry&) { return 0; }
template <typename Entry>
std::uint64_t rest_of(const Entry& entry) {
  return rest_of(entry.protocol, Be16{entry.port});
}

bool is_v6(const IpAddress& address) { return address.family == Family::ipv6; }

}  // namespace

// IPv4 entries stand first, so that each index has its own run of places.
template <typename Entry>
void VipIndex::index_entries(std::span<const Entry> given, std::vector<Entry>& entries, FlatIndex& v4, Fingerprints& v6) {
  entries.assign(given.begin(), given.end());
  std::stable_partition(entries.begin(), entries.end(), [](const Entry& entry) { return !is_v6(entry.address); });

  std::vector<std::uint64_t> keys4;
  for (const Entry& entry : entries) {
    if (is_v6(entry.address)) break;
    if constexpr (std::is_same_v<Entry, VipEntry>) {
      keys4.push_back(key_of(entry.address.v4()));
    } else {
      ensure(has_ports(entry.protocol));
      keys4.push_back(key_of(entry.address.v4(), entry.protocol, Be16{entry.port}));
    }
  }
  v4 = FlatIndex{keys4};

  // 16,384 fingerprints of 48 bits collide once in two million builds; another salt parts them.
  for (v6.salt = 0;; ++v6.salt) {
    ensure(v6.salt < 64);
    std::vector<std::uint64_t> keys6;
    for (std::size_t i = keys4.size(); i < entries.size(); ++i)
      keys6.push_back(fingerprint(entries[i].address.v6(), rest_of(entries[i]), v6.salt));
    std::vector<std::uint64_t> sorted = keys6;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) continue;
    v6.index = FlatIndex{keys6, keys4.size()};
    return;
  }
}

VipIndex::VipIndex(std::span<const VipEntry> vips, std::span<const ListenEntry> listens, std::span<const NatBackendEntry> backends,
                   std::vector<NatSharer> sharers)
    : sharers_{std::move(sharers)} {
  index_entries(vips, vips_, vips4_, vips6_);
  index_entries(listens, listens_, listens4_, listens6_);
  index_entries(backends, backends_, backends4_, backends6_);
  for (const NatBackendEntry& backend : backends_) ensure(std::size_t{backend.first_sharer} + backend.sharers <= sharers_.size());
  for (const NatBackendEntry& backend : backends_) backend_addresses_.push_back(backend.address);
  std::ranges::sort(backend_addresses_);
}

bool VipIndex::has_nat_backend(const IpAddress& address) const noexcept { return std::ranges::binary_search(backend_addresses_, address); }

const VipEntry* VipIndex::find_vip(const Ipv6Address& address) const noexcept {
  const VipEntry* found = entry(vips_, vips6_.index.find(fingerprint(address, 0, vips6_.salt)));
  return found != nullptr && found->address.bytes == address.bytes ? found : nullptr;
}

const VipEntry* VipIndex::find_vip(const IpAddress& address) const noexcept {
  return is_v6(address) ? find_vip(address.v6()) : find_vip(address.v4());
}

ServiceId VipIndex::find_service(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept {
  if (!has_ports(protocol)) return kNoService;
  if (!is_v6(vip)) {
    const ListenEntry* found = entry(listens_, listens4_.find(key_of(vip.v4(), protocol, Be16{port})));
    return found == nullptr ? kNoService : found->service;
  }
  const ListenEntry* found = entry(listens_, listens6_.index.find(fingerprint(vip.v6(), rest_of(protocol, Be16{port}), listens6_.salt)));
  const bool same = found != nullptr && found->address.bytes == vip.bytes && found->protocol == protocol && found->port == port;
  return same ? found->service : kNoService;
}

const NatBackendEntry* VipIndex::find_nat_backend(const Ipv6Address& address, Protocol protocol, Be16 port) const noexcept {
  const NatBackendEntry* found = entry(backends_, backends6_.index.find(fingerprint(address, rest_of(protocol, port), backends6_.salt)));
  const bool same = found != nullptr && found->address.bytes == address.bytes && found->protocol == protocol && found->port == port.host();
  return same ? found : nullptr;
}

}  // namespace tandem
