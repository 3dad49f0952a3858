// SPDX-License-Identifier: Apache-2.0
// What one completed handshake agreed on: a key per stream and direction, a sequence per stream, a window per stream.
// Threads: one at a time. A stream's contexts are made at its first datagram and kept.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "controlplane/sync/aead.h"
#include "controlplane/sync/datagram.h"
#include "controlplane/sync/reject.h"
#include "controlplane/sync/replay_window.h"

namespace tandem::sync {

using Nonce = std::array<std::uint8_t, 16>;
struct Nonces {
  Nonce initiator{}, responder{};

  friend bool operator==(const Nonces&, const Nonces&) = default;
};

enum class Side : std::uint8_t { initiator, responder };

// What the caller says of a datagram; the session adds the rest.
struct Label {
  Stream stream{};
  Type type{};
  std::uint8_t count = 0, flags = 0;
  std::uint32_t generation = 0;
};

inline constexpr std::size_t kSealBytes = sizeof(DatagramHeader) + kTagBytes;  // what sealing adds to a payload
inline constexpr std::uint64_t kLastSequence = std::uint64_t{1} << 48;         // sealed nothing past it: nine years at a million a second

class Epoch {
 public:
  // `first_sequence`: elsewhere than 1 only where a test wants to see the end.
  Epoch(const Secret& secret, const Nonces& nonces, Side side, std::uint8_t version, std::uint64_t first_sequence = 1);

  std::uint32_t id() const { return id_; }  // never 0
  bool is_worn() const { return worn_; }    // some stream is half used up: time for a new session

  // Bytes written, kSealBytes more than the payload; 0: the stream's sequences are used up.
  // The payload may already stand behind the header's place in `out`.
  std::size_t seal(const Label& label, Bytes payload, std::span<std::uint8_t> out);

  // Decrypts in place what is behind the header. The datagram is at least kSealBytes long and names this epoch.
  Reject open(const DatagramHeader& header, std::span<std::uint8_t> datagram);

 private:
  struct Sending {
    Aead aead;
    std::uint64_t next;
  };
  struct Receiving {
    Aead aead;
    ReplayWindow window;
  };
  Secret stream_key(Side from, Stream stream) const;
  Sending& sending(Stream stream);
  Receiving& receiving(Stream stream);

  Secret master_;
  Side side_;
  std::uint8_t version_;
  std::uint32_t id_;
  std::uint64_t first_sequence_;
  bool worn_ = false;
  std::array<std::unique_ptr<Sending>, 256> sending_;
  std::array<std::unique_ptr<Receiving>, 256> receiving_;
};

}  // namespace tandem::sync
