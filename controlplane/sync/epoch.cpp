// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/epoch.h"

#include <cstring>
#include <string>

#include "common/base/ensure.h"

namespace tandem::sync {
namespace {

Secret master_of(const Secret& secret, const Nonces& nonces) {
  std::array<std::uint8_t, 2 * sizeof(Nonce)> salt;
  std::memcpy(salt.data(), nonces.initiator.data(), sizeof(Nonce));
  std::memcpy(salt.data() + sizeof(Nonce), nonces.responder.data(), sizeof(Nonce));
  return hkdf_extract(salt, secret.bytes());
}

// Drawn from the same well as the keys, so that both sides name the session alike without a word about it.
std::uint32_t id_of(const Secret& master) {
  const Secret drawn = hkdf_expand(master, bytes_of("tandem pair epoch"));
  Be32 first;
  std::memcpy(&first, drawn.bytes().data(), sizeof first);
  return first.host() == 0 ? 1 : first.host();
}

}  // namespace

Epoch::Epoch(const Secret& secret, const Nonces& nonces, Side side, std::uint8_t version, std::uint64_t first_sequence)
    : master_{master_of(secret, nonces)}, side_{side}, version_{version}, id_{id_of(master_)}, first_sequence_{first_sequence} {}

Secret Epoch::stream_key(Side from, Stream stream) const {
  std::string info = from == Side::initiator ? "tandem pair initiator" : "tandem pair responder";
  info += static_cast<char>(stream);
  return hkdf_expand(master_, bytes_of(info));
}

Epoch::Sending& Epoch::sending(Stream stream) {
  auto& slot = sending_[static_cast<std::size_t>(stream)];
  if (!slot) slot = std::make_unique<Sending>(Sending{Aead{stream_key(side_, stream), Aead::Way::seal}, first_sequence_});
  return *slot;
}

Epoch::Receiving& Epoch::receiving(Stream stream) {
  const Side other = side_ == Side::initiator ? Side::responder : Side::initiator;
  auto& slot = receiving_[static_cast<std::size_t>(stream)];
  if (!slot) slot = std::make_unique<Receiving>(Receiving{Aead{stream_key(other, stream), Aead::Way::open}, {}});
  return *slot;
}

std::size_t Epoch::seal(const Label& label, Bytes payload, std::span<std::uint8_t> out) {
  ensure(is_stream(label.stream) && !is_in_clear(label.type) && out.size() >= payload.size() + kSealBytes);
  Sending& stream = sending(label.stream);
  if (stream.next > kLastSequence) return 0;
  const std::uint64_t sequence = stream.next++;
  worn_ = worn_ || sequence > kLastSequence / 2;
  write_header({.version = version_,
                .type = static_cast<std::uint8_t>(label.type),
                .count = label.count,
                .flags = label.flags,
                .epoch = Be32{id_},
                .sequence = Be64{sequence},
                .generation = Be32{label.generation},
                .stream = static_cast<std::uint8_t>(label.stream)},
               out);
  const auto text = out.subspan(sizeof(DatagramHeader), payload.size());
  stream.aead.seal(sequence, out.first(sizeof(DatagramHeader)), payload, text,
                   out.subspan(sizeof(DatagramHeader) + payload.size()).first<kTagBytes>());
  return payload.size() + kSealBytes;
}

// The window is asked before the cipher, which costs more; it is marked after it.
Reject Epoch::open(const DatagramHeader& header, std::span<std::uint8_t> datagram) {
  ensure(datagram.size() >= kSealBytes);
  if (header.version != version_) return Reject::version;
  if (!is_stream(Stream{header.stream})) return Reject::unknown_stream;
  Receiving& stream = receiving(Stream{header.stream});
  const std::uint64_t sequence = header.sequence.host();
  if (!stream.window.is_new(sequence)) return Reject::replay;
  const auto text = datagram.subspan(sizeof header, datagram.size() - kSealBytes);
  const auto tag = std::span<const std::uint8_t>{datagram}.last<kTagBytes>();
  if (!stream.aead.open(sequence, datagram.first(sizeof header), text, tag)) return Reject::authentication;
  stream.window.mark(sequence);
  return Reject::none;
}

}  // namespace tandem::sync
