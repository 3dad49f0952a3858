// SPDX-License-Identifier: Apache-2.0
// Any bytes are a UDP payload: its QUIC connection id is read as a slow and obvious reader does, byte by byte, and leads to the same
// server. The first bytes say how ids are made: configuration, length of a server's id, length of the nonce.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/ensure.h"
#include "dataplane/lb/quic_servers.h"
#include "dataplane/packet/quic.h"

using namespace tandem;

namespace {

using Id = std::vector<std::uint8_t>;

constexpr std::array<std::uint8_t, 2> kServers{2, 1};  // all bytes of their ids

// Reads front to back, and knows when nothing is left.
class Slow {
 public:
  explicit Slow(const Id& payload) : payload_{payload} {}

  bool next(std::uint8_t& byte) {
    if (at_ == payload_.size()) return false;
    byte = payload_[at_++];
    return true;
  }

 private:
  const Id& payload_;
  std::size_t at_ = 0;
};

struct SlowId {
  Id bytes;
  bool whole = false;
};

std::optional<SlowId> slow_id(const Id& payload) {
  Slow reader{payload};
  SlowId id;
  std::uint8_t first = 0, byte = 0, length = 0;
  if (!reader.next(first)) return std::nullopt;
  if (first < 128) {
    while (id.bytes.size() < 20 && reader.next(byte)) id.bytes.push_back(byte);
    return id;
  }
  for (int version = 0; version < 4; ++version)
    if (!reader.next(byte)) return std::nullopt;
  if (!reader.next(length)) return std::nullopt;
  for (id.whole = true; id.bytes.size() < length; id.bytes.push_back(byte))
    if (!reader.next(byte)) return std::nullopt;
  return id;
}

std::optional<BackendSlot> slow_server(const SlowId& id, const QuicIdForm& form) {
  const std::size_t length = std::size_t{1} + form.server_id_bytes + form.nonce_bytes;
  if (id.whole && id.bytes.size() != length) return std::nullopt;
  if (id.bytes.size() < length || id.bytes[0] / 32 != form.config_id) return std::nullopt;
  for (const std::uint8_t server : kServers) {
    std::size_t equal = 0;
    for (std::size_t i = 1; i <= form.server_id_bytes; ++i) equal += id.bytes[i] == server ? 1 : 0;
    if (equal == form.server_id_bytes) return static_cast<BackendSlot>(server);
  }
  return std::nullopt;
}

QuicServers servers_of(const QuicIdForm& form) {
  std::vector<QuicServers::Server> servers;
  for (const std::uint8_t server : kServers) {
    QuicServers::Server made{{}, static_cast<BackendSlot>(server)};
    std::fill_n(made.id.begin(), form.server_id_bytes, server);
    servers.push_back(made);
  }
  return {form, std::move(servers)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const QuicIdForm form{static_cast<std::uint8_t>(data[0] % 7), static_cast<std::uint8_t>(1 + data[1] % 15),
                        static_cast<std::uint8_t>(4 + data[2] % 15)};
  if (form.id_bytes() > kQuicIdMost) return 0;
  const Id payload{data + 3, data + size};
  const std::optional<QuicId> id = read_quic_id(payload);  // in a block of its own: a byte read too far is the sanitizer's
  const std::optional<SlowId> wanted = slow_id(payload);
  ensure(id.has_value() == wanted.has_value());
  if (!id) return 0;
  ensure(id->whole == wanted->whole && Id(id->bytes.begin(), id->bytes.end()) == wanted->bytes);
  ensure(servers_of(form).find(id->bytes, id->whole) == slow_server(*wanted, form));
  return 0;
}
