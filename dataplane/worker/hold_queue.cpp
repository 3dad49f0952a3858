// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/hold_queue.h"

namespace tandem {

namespace {

std::size_t mixed(const IpAddress& address, std::size_t start) noexcept {
  for (const std::uint8_t byte : address.bytes) start = start * 31 + byte;
  return start;
}

}  // namespace

bool HoldQueue::add(const Held& held, Instant now) noexcept {
  const std::size_t place = mixed(held.destination, 0) % by_destination_.size();
  if (count_ == kHeldMax || by_destination_[place] == kOneDestinationMax) return false;
  ++by_destination_[place];
  waiting_[count_++] = {held, now + kPatience, static_cast<std::uint8_t>(place)};
  return true;
}

bool HoldQueue::due(const Generation& generation, Instant now) noexcept {
  if (count_ == 0) return false;
  const bool news = generation.number != generation_;
  generation_ = generation.number;
  return news || now >= waiting_[0].until;  // the first came first, so its patience ends first
}

bool AskedNeighbours::ask(const NextHop& hop, Instant now) noexcept {
  Asked& asked = asked_[mixed(hop.address, index(hop.port)) % kPlaces];
  const bool same = asked.address == hop.address && asked.port == hop.port && asked.vlan == hop.vlan;
  if (same && now < asked.again) return false;
  asked = {hop.address, hop.port, hop.vlan, now + kPause};
  return true;
}

}  // namespace tandem
