// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/fragment.h"

#include "dataplane/local/answer.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/find.h"
#include "dataplane/pipeline/later_fragment.h"
#include "dataplane/pipeline/odd.h"

namespace tandem {

namespace {

bool is_to_vip(const Pass& pass, const Packet& packet) noexcept { return pass.generation.index->find_vip(packet.target()) != nullptr; }

// A later fragment names no port, so the address alone must do until the first one has come.
bool is_from_backend(const Pass& pass, const Packet& packet) noexcept {
  return pass.generation.index->has_nat_backend(packet.source()) && !is_node_address(pass.generation, packet.target());
}

// As any packet of its flow, by which it may be handed over once more. Its flow's owner is the one of the hash, as for later ones.
void follow_first(const Pass& pass, Packet& packet, const Fragment& fragment) noexcept {
  become_first_fragment(packet, fragment);
  packet.origin = Origin::traced;
  sort_transport(pass, packet);
  packet.receiver_owns = false;
}

void follow_later(const Pass& pass, Packet& packet, const FlowPorts& flow) noexcept {
  become_later_fragment(packet, flow);
  packet.origin = Origin::traced;
  sort_later_fragment(pass, packet);
}

void gather(const Pass& pass, Packet& packet, const Fragment& fragment) noexcept {
  const DatagramKey key = datagram_key(packet, fragment);
  const std::uint64_t hash = siphash13_words(pass.generation.keys.fragments, key);
  const WorkerId owner = owner_of_hash(pass, hash);
  if (owner != pass.context.self && packet.origin == Origin::wire) return pass.batch.hand_over(packet, owner);
  const auto admission = pass.context.datagrams->admit(key, hash, fragment, packet.mbuf, pass.context.now);
  switch (admission.kind) {
    case DatagramTable::Admission::Kind::refused:
      return pass.batch.drop(packet, admission.reason);
    case DatagramTable::Admission::Kind::held:
      return pass.batch.keep(packet);
    case DatagramTable::Admission::Kind::traced:
      return fragment.is_first() ? follow_first(pass, packet, fragment) : follow_later(pass, packet, admission.flow);
  }
}

}  // namespace

// Of a backend only what may be a service's is judged here.
bool take_fragment(const Pass& pass, Packet& packet) noexcept {
  const bool to_vip = is_to_vip(pass, packet);
  if (!to_vip && !is_from_backend(pass, packet)) return false;
  Fragment fragment;
  const DropReason wrong = read_fragment(packet, fragment);
  if (wrong == DropReason::unsupported_protocol && !to_vip) return false;
  if (wrong != DropReason::count_) pass.batch.drop(packet, wrong);
  else gather(pass, packet, fragment);
  return true;
}

void take_handed_fragment(const Pass& pass, Packet& packet) noexcept {
  if (!take_fragment(pass, packet)) give_to_node(pass, packet);
}

}  // namespace tandem
