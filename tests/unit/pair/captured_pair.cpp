// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/pair/captured_pair.h"

#include "controlplane/ha/frame.h"
#include "controlplane/sync/handshake_message.h"

namespace tandem::pair {

CapturedPair::CapturedPair() {
  for (std::size_t n = 0; n < 2; ++n) {
    nodes_[n] = std::make_unique<PlainNode>(n, [this, n](std::size_t path, Bytes bytes) {
      letters_.push_back({1 - n, path, {bytes.begin(), bytes.end()}});
    });
    restart(n);
  }
}

void CapturedPair::restart(std::size_t node) {
  stopped_[node] = false;
  nodes_[node]->boot(++boots_, now_);
}

void CapturedPair::run(std::chrono::milliseconds time) {
  for (const Instant end = now_ + time; now_ < end; now_ = now_ + 1ms) {
    for (std::size_t n = 0; n < 2; ++n)
      if (!stopped_[n]) nodes_[n]->tick(now_);
    for (; !letters_.empty(); letters_.pop_front()) deliver(letters_.front());
  }
}

void CapturedPair::open_connections() {
  for (std::uint16_t port = 1; port <= kConnections; ++port) nodes_[0]->table->open(port, half(0).machine().groups()[0].term());
}

void CapturedPair::deliver(Letter letter) {
  look_at(letter);
  if (!stopped_[letter.to]) nodes_[letter.to]->arrive(letter.path, std::move(letter.bytes), now_);
}

void CapturedPair::look_at(const Letter& letter) {
  std::vector<std::uint8_t> datagram = letter.bytes;
  if (letter.path != ha::kSyncPath) {
    ha::ReceivedPacket packet;
    if (!ha::read_frame(letter.bytes, packet) || packet.protocol == ha::kVrrpProtocol) return;
    datagram.assign(packet.payload.begin(), packet.payload.end());
  }
  const auto header = sync::read_header(datagram);
  const auto type = header ? sync::read_type(header->type) : std::nullopt;
  if (!type || sync::is_in_clear(*type)) return;
  seen_[letter.to][{header->epoch.host(), header->stream}].mark(header->sequence.host());
  captures.push_back({letter.to, *type, std::move(datagram)});
}

void CapturedPair::throw_at(std::size_t node, std::vector<std::uint8_t> datagram) {
  nodes_[node]->arrive(ha::kSyncPath, std::move(datagram), now_);
}

sync::Reject CapturedPair::due(std::size_t node, const std::vector<std::uint8_t>& datagram) const {
  using sync::Reject;
  const auto header = sync::read_header(datagram);
  if (!header) return Reject::short_datagram;
  const auto type = sync::read_type(header->type);
  if (!type) return Reject::unknown_type;
  if (sync::is_in_clear(*type)) return datagram.size() < sync::kHandshakeBytes ? Reject::short_datagram : Reject::version;
  if (datagram.size() < sync::kSealBytes) return Reject::short_datagram;
  if (header->epoch.host() != nodes_[node]->half().session()->epoch()) return Reject::unknown_epoch;
  if (header->version != sync::kNewestVersion) return Reject::version;
  if (!sync::is_stream(sync::Stream{header->stream})) return Reject::unknown_stream;
  const auto window = seen_[node].find({header->epoch.host(), header->stream});
  const bool is_new = window == seen_[node].end() ? header->sequence.host() != 0 : window->second.is_new(header->sequence.host());
  return is_new ? Reject::authentication : Reject::replay;
}

}  // namespace tandem::pair
