// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/proof.h"

#include "dataplane/pipeline/new_entry.h"

namespace tandem {

namespace {

// More than any site has; the rest is not looked at, and so proves nothing.
constexpr std::size_t kSharersMost = 16;

template <typename Entry>
Proof<Entry> proof_of(const Pass& pass, Packet& packet, ServiceId id, BackendSlot slot) noexcept {
  constexpr const Entry* family = nullptr;
  Proof<Entry> proof{.slot = slot};
  Newcomer<Entry>& newcomer = proof.newcomer;
  newcomer.packet = &packet, newcomer.id = id;
  newcomer.service = &(*pass.generation.services)[index(id)];
  newcomer.lender = &lender_of(pass.generation, *newcomer.service);
  const Be16 port = newcomer.service->more_ports == 0 ? Be16{newcomer.service->port} : packet.source_port;
  newcomer.key = make_key(target_of(packet, family), packet.target_port, packet.protocol,
                          address_as<typename Entry::AddressType>(newcomer.service->vip), port);
  newcomer.schedule_hash = schedule_hash_of<Entry>(pass.generation, *newcomer.lender->schedule, newcomer.key);
  return proof;
}

template <typename Entry>
bool is_candidate(const Proof<Entry>& proof) noexcept {
  const ServiceView& lender = *proof.newcomer.lender;
  const auto [first, second] = lender.schedule->candidates(proof.newcomer.schedule_hash);
  return first != kNoMember && (lender.members[first] == proof.slot || lender.members[second] == proof.slot);
}

}  // namespace

template <typename Entry>
std::optional<Proof<Entry>> proven_by(const Pass& pass, Packet& packet, const NatBackendEntry& backend) noexcept {
  if (backend.service != kNoService) return proof_of<Entry>(pass, packet, backend.service, backend.slot);
  const std::span<const NatSharer> sharers = pass.generation.index->sharers_of(backend);
  if (sharers.size() > kSharersMost) return std::nullopt;
  std::optional<Proof<Entry>> found;
  for (const NatSharer& sharer : sharers) {
    const Proof<Entry> proof = proof_of<Entry>(pass, packet, sharer.service, sharer.slot);
    if (!is_candidate(proof)) continue;
    if (found) return std::nullopt;
    found = proof;
  }
  return found;
}

template std::optional<Proof<ConnEntry4>> proven_by(const Pass&, Packet&, const NatBackendEntry&) noexcept;
template std::optional<Proof<ConnEntry6>> proven_by(const Pass&, Packet&, const NatBackendEntry&) noexcept;

}  // namespace tandem
