// SPDX-License-Identifier: Apache-2.0
// What elects, read from whoever sends it: hellos (of a peer gone mad: strangers do not come so far), VRRP of both families,
// the frames that carry either, acknowledgements and streams of records. What was understood is written and read again as the same.
// The first byte says which of these the rest is.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "common/base/ensure.h"
#include "controlplane/ha/frame.h"
#include "controlplane/ha/hello.h"
#include "controlplane/ha/vrrp_packet.h"
#include "controlplane/sync/ack.h"
#include "controlplane/sync/flow_receiver.h"

using namespace tandem;

namespace {

using Bytes = std::span<const std::uint8_t>;

void judge_hello(Bytes bytes) {
  const std::optional<ha::Hello> hello = ha::decode_hello(bytes);
  if (!hello) return;
  ensure(hello->lans.size() <= ha::kMaxLans && hello->groups.size() <= kMaxGroups);
  ensure(ha::decode_hello(ha::encode(*hello)) == hello);
}

void judge_advert(Bytes bytes, Family family) {
  const IpAddress target = ha::vrrp_group(family), source = family == Family::ipv4 ? *parse_address("10.0.0.1") : *parse_address("fe80::1");
  ha::AdvertFault fault{};
  const std::optional<ha::Advert> advert = ha::decode_advert(bytes, source, target, fault);
  if (!advert) return ensure(!ha::name_of(fault).empty());
  const std::optional<ha::Advert> again = ha::decode_advert(ha::encode(*advert, source, target), source, target, fault);
  ensure(again && again->vrid == advert->vrid && again->priority == advert->priority && again->interval == advert->interval);
  ensure(again->addresses == advert->addresses);
}

// In a buffer that ends where the frame ends; the payload lies within it.
void judge_frame(Bytes bytes) {
  ha::ReceivedPacket packet;
  if (!ha::read_frame(bytes, packet)) return;
  ensure(packet.payload.data() >= bytes.data() && packet.payload.data() + packet.payload.size() <= bytes.data() + bytes.size());
  if (packet.protocol != ha::kVrrpProtocol) return judge_hello(packet.payload);
  ha::AdvertFault fault{};
  ha::decode_advert(packet.payload, packet.source, packet.target, fault);
}

void judge_ack(Bytes bytes) {
  const std::optional<sync::Ack> ack = sync::decode_ack(bytes);
  if (!ack) return;
  ensure(sync::decode_ack(sync::encode(*ack)) == ack);
  for (std::uint64_t back = 0; back < 70; ++back) (void)ack->has(ack->highest - back);
}

// Datagrams of a length and a step of the sequence each, for a worker that has no room now and then. No record is told twice.
void judge_stream(Bytes bytes) {
  sync::FlowReceiver receiver{64};
  receiver.begin_anew(1);
  std::uint64_t sequence = 0, applied = 0, asked = 0;
  const sync::FlowReceiver::Apply apply = [&](const SyncRecord&) { return ++asked % 5 != 0 && ++applied > 0; };
  for (Instant now; bytes.size() >= 2; now = now + std::chrono::milliseconds{1}) {
    const std::size_t length = std::min<std::size_t>(bytes[0], bytes.size() - 2);
    sequence += static_cast<std::uint64_t>(static_cast<std::int8_t>(bytes[1]));
    receiver.take(sequence, bytes.subspan(2, length), apply, now);
    if (const auto ack = receiver.due_ack(now)) ensure(ack->highest > 0 && ack->has(ack->highest));
    bytes = bytes.subspan(2 + length);
  }
  ensure(applied <= receiver.counts().records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto exact = std::make_unique<std::uint8_t[]>(size - 1);
  std::memcpy(exact.get(), data + 1, size - 1);
  const Bytes rest{exact.get(), size - 1};
  switch (data[0] % 6) {
    case 0:
      judge_hello(rest);
      break;
    case 1:
      judge_advert(rest, Family::ipv4);
      break;
    case 2:
      judge_advert(rest, Family::ipv6);
      break;
    case 3:
      judge_frame(rest);
      break;
    case 4:
      judge_ack(rest);
      break;
    default:
      judge_stream(rest);
  }
  return 0;
}
