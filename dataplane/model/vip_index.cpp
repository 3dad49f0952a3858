// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/vip_index.h"

#include <algorithm>
#include <iterator>

#include "common/base/ensure.h"

namespace tandem {
namespace {

bool is_v6(const IpAddress& address) { return address.family == Family::ipv6; }

template <typename Entry, typename Wanted>
std::vector<Entry> those(std::span<const Entry> entries, Wanted&& wanted) {
  std::vector<Entry> out;
  std::ranges::copy_if(entries, std::back_inserter(out), wanted);
  return out;
}

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

  const auto rest = [](const Entry& entry) -> std::uint64_t {
    if constexpr (std::is_same_v<Entry, VipEntry>) return 0;
    else return rest_of(entry.protocol, Be16{entry.port});
  };
  v6 = Fingerprints::of(
      [&](std::uint64_t salt) {
        std::vector<std::uint64_t> keys6;
        for (std::size_t i = keys4.size(); i < entries.size(); ++i)
          keys6.push_back(fingerprint(entries[i].address.v6(), rest(entries[i]), salt));
        return keys6;
      },
      keys4.size());
}

template <typename Entry>
void VipIndex::Wide<Entry>::index(std::span<const Entry> given) {
  entries.assign(given.begin(), given.end());
  std::vector<PortSpan> held;
  for (const Entry& each : entries) held.push_back({each.prefix(), each.protocol, each.ports()});
  spans = PortSpans{held};
}

VipIndex::VipIndex(std::span<const VipEntry> vips, std::span<const ListenEntry> listens, std::span<const NatBackendEntry> backends,
                   std::vector<NatSharer> sharers, std::span<const IpAddress> reserved)
    : vip_prefixes_{those(vips, &VipEntry::is_prefix)}, sharers_{std::move(sharers)}, reserved_{reserved.begin(), reserved.end()} {
  const auto is_plain = [](const auto& entry) { return !entry.is_wide(); };
  index_entries<VipEntry>(those(vips, [](const VipEntry& vip) { return !vip.is_prefix(); }), vips_, vips4_, vips6_);
  index_entries<ListenEntry>(those(listens, is_plain), listens_, listens4_, listens6_);
  index_entries<NatBackendEntry>(those(backends, is_plain), backends_, backends4_, backends6_);
  wide_listens_.index(those(listens, &ListenEntry::is_wide));
  wide_backends_.index(those(backends, &NatBackendEntry::is_wide));

  std::vector<Prefix> prefixes;
  for (const VipEntry& vip : vip_prefixes_) prefixes.push_back(vip.prefix());
  prefixes_ = PrefixIndex{prefixes};
  for (const NatBackendEntry& backend : backends) {
    ensure(std::size_t{backend.first_sharer} + backend.sharers <= sharers_.size());
    backend_addresses_.push_back(backend.address);
  }
  std::ranges::sort(backend_addresses_);
  std::ranges::sort(reserved_);
}

bool VipIndex::has_nat_backend(const IpAddress& address) const noexcept { return std::ranges::binary_search(backend_addresses_, address); }

const VipEntry* VipIndex::find_prefix(const IpAddress& address) const noexcept {
  const VipEntry* found = entry(vip_prefixes_, prefixes_.longest(address));
  return found != nullptr && !std::ranges::binary_search(reserved_, address) ? found : nullptr;
}

const VipEntry* VipIndex::find_vip(const IpAddress& address) const noexcept {
  return is_v6(address) ? find_vip(address.v6()) : find_vip(address.v4());
}

const ListenEntry* VipIndex::find_exactly(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept {
  if (!is_v6(vip)) return entry(listens_, listens4_.find(key_of(vip.v4(), protocol, Be16{port})));
  const ListenEntry* found = entry(listens_, listens6_.index.find(fingerprint(vip.v6(), rest_of(protocol, Be16{port}), listens6_.salt)));
  const bool same = found != nullptr && found->address.bytes == vip.bytes && found->protocol == protocol && found->port == port;
  return same ? found : nullptr;
}

ServiceId VipIndex::find_service(const IpAddress& vip, Protocol protocol, std::uint16_t port) const noexcept {
  if (!has_ports(protocol)) return kNoService;
  const ListenEntry* found = find_exactly(vip, protocol, port);
  if (found == nullptr && !wide_listens_.spans.empty()) found = wide_listens_.find(vip, protocol, port);
  return found == nullptr ? kNoService : found->service;
}

}  // namespace tandem
