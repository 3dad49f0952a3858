// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/hold_queue.h"

namespace tandem {

bool HoldQueue::add(const Held& held, Instant now) noexcept {
  if (count_ == kHeldMax) return false;
  waiting_[count_++] = {held, now + kPatience};
  return true;
}

bool HoldQueue::due(const Generation& generation, Instant now) noexcept {
  if (count_ == 0) return false;
  const bool news = generation.number != generation_;
  generation_ = generation.number;
  return news || now >= waiting_[0].until;  // the first came first, so its patience ends first
}

bool AskedNeighbours::ask(const NextHop& hop, Instant now) noexcept {
  std::size_t place = index(hop.port);
  for (const std::uint8_t byte : hop.address.bytes) place = place * 31 + byte;
  Asked& asked = asked_[place % kPlaces];
  const bool same = asked.address == hop.address && asked.port == hop.port && asked.vlan == hop.vlan;
  if (same && now < asked.again) return false;
  asked = {hop.address, hop.port, hop.vlan, now + kPause};
  return true;
}

}  // namespace tandem
