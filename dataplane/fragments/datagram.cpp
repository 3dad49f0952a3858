// SPDX-License-Identifier: Apache-2.0
#include "dataplane/fragments/datagram.h"

namespace tandem {

DatagramKey datagram_key(const Packet& packet, const Fragment& fragment) noexcept {
  const IpAddress source = packet.source(), target = packet.target();
  const std::uint64_t protocol = packet.family == Family::ipv4 ? fragment.protocol : 0;
  DatagramKey key;
  std::memcpy(&key[0], source.bytes.data(), source.bytes.size());
  std::memcpy(&key[2], target.bytes.data(), target.bytes.size());
  key[4] = fragment.id | protocol << 32 | std::uint64_t{static_cast<std::uint8_t>(packet.family)} << 40;
  return key;
}

DropReason Datagram::note(const Fragment& fragment) noexcept {
  const bool beyond_its_end = end != 0 && (fragment.to > end || (!fragment.more && fragment.to != end));
  if (beyond_its_end || (!fragment.more && seen.end() > fragment.to)) return DropReason::bad_fragment;
  switch (seen.add(fragment.from, fragment.to)) {
    case Ranges::Added::overlapping:
      return DropReason::overlapping_fragment;
    case Ranges::Added::too_many:
      return DropReason::too_many_fragments;
    case Ranges::Added::fresh:
      break;
  }
  if (!fragment.more) end = fragment.to;
  return DropReason::count_;
}

}  // namespace tandem
