// SPDX-License-Identifier: Apache-2.0
// Which backend made a QUIC connection id, where backends put a number of their own into it (draft-ietf-quic-load-balancers-21,
// plaintext): the first byte's upper three bits say which agreement holds, then come the server's id and a nonce.
// Immutable; shared by generations. Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/ids.h"

namespace tandem {

inline constexpr std::size_t kQuicServerIdMost = 15;  // 19 bytes behind the first, at least 4 of them the nonce's

struct QuicIdForm {
  std::uint8_t config_id = 0;        // 0…6; 7 says that nobody's id is in it
  std::uint8_t server_id_bytes = 1;  // 1…15
  std::uint8_t nonce_bytes = 4;      // 4…18, and 19 with the server's id

  std::size_t id_bytes() const { return std::size_t{1} + server_id_bytes + nonce_bytes; }
  friend bool operator==(const QuicIdForm&, const QuicIdForm&) = default;
};

using QuicServerId = std::array<std::uint8_t, kQuicServerIdMost>;  // the unused bytes are zero

class QuicServers {
 public:
  struct Server {
    QuicServerId id{};
    BackendSlot slot{};

    friend bool operator==(const Server&, const Server&) = default;
  };

  // Ids differ from each other.
  QuicServers(const QuicIdForm& form, std::vector<Server> servers);

  // Of an id as packet/quic.h reads it. None: no server of ours made it, as with those that clients make for their first packets.
  std::optional<BackendSlot> find(std::span<const std::uint8_t> id, bool whole) const noexcept;

  friend bool operator==(const QuicServers&, const QuicServers&) = default;

 private:
  QuicIdForm form_;
  std::vector<Server> servers_;  // by id
};

}  // namespace tandem
