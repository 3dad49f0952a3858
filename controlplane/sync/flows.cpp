// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/flows.h"

#include <algorithm>

namespace tandem::sync {
namespace {

constexpr std::chrono::milliseconds kSettle{200}, kInStepLag{500}, kFullSaid{1000}, kSayFull{250};
constexpr std::chrono::seconds kRoomWalks{10};   // between two walks because the other has room again
constexpr std::chrono::milliseconds kStill{50};  // older changes under way: our sums are ahead of his

WorkerId id(std::size_t lane) { return static_cast<WorkerId>(lane); }

}  // namespace

FlowSender::Refresh Flows::refresher(std::size_t worker) {
  return [this, worker](const SyncRecord& record) {
    if (!workers_.request_refresh(id(worker), record)) lanes_[worker].walk = Walk::needed;
  };
}

// A peer that started anew has forgotten everything; one with new keys has not, but what was under way may not have arrived.
void Flows::meet(std::uint64_t peer, std::uint32_t epoch, Instant now) {
  if (peer_ != peer) {
    for (Lane& lane : lanes_) lane.sender.forget(), lane.walk = Walk::needed;
    progress_ = {0, now, std::nullopt};
  } else if (epoch_ != epoch || silent_) {
    for (std::size_t w = 0; w < lanes_.size(); ++w) lanes_[w].sender.lose_all(refresher(w));
    if (silent_) settled_ = now + kSettle;
  }
  peer_ = peer, epoch_ = epoch, silent_ = false;
}

void Flows::pump(std::optional<std::uint64_t> peer, std::uint32_t epoch, const Send& send, Instant now) {
  const FlowReceiver::Apply apply = [this](const SyncRecord& record) { return workers_.apply(record); };
  for (auto& receiver : receivers_)
    if (receiver) receiver->retry(apply, now);
  look_for_trouble(now);
  watch_peers_room(now);
  if (!peer) {
    silent_ = true;
    return;
  }
  if (peer_ != peer || epoch_ != epoch || silent_) meet(*peer, epoch, now);
  for (std::size_t w = 0; w < lanes_.size(); ++w) pump_lane(w, send, now);
  for (auto& receiver : receivers_)
    if (receiver) acknowledge(*receiver, send, now);
  say_full(send, now);
  compare(send, now);
}

void Flows::acknowledge(FlowReceiver& receiver, const Send& send, Instant now) {
  while (std::optional<Ack> ack = receiver.due_ack(now)) {
    ack->full = full_;
    send({kControlStream, Type::ack}, encode(*ack));
  }
}

// Acknowledgements say it too, but there are none while nothing is told.
void Flows::say_full(const Send& send, Instant now) {
  if (!full_ || now - full_said_ < kSayFull) return;
  full_said_ = now;
  send({kControlStream, Type::full}, {});
}

void Flows::watch_peers_room(Instant now) {
  const bool full = now < peer_full_until_;
  if (full != peer_full_) workers_.set_peer_full(full);
  if (peer_full_ && !full) room_walk_ = true;
  peer_full_ = full;
  if (!room_walk_ || full || now < room_walk_due_) return;
  room_walk_ = false, room_walk_due_ = now + kRoomWalks;
  walk_again();
}

void Flows::compare(const Send& send, Instant now) {
  if (!digests_) return;
  const auto waits = [](const auto& receiver) { return receiver && receiver->waits(); };
  const bool may_answer = comparable_ && peer_has_all(now) && lag(now) < kStill;
  const bool may_ask = comparable_ && !full_ && std::ranges::none_of(receivers_, waits);
  digests_->tick(
      may_answer, may_ask,
      [&](Type type, const std::vector<std::uint8_t>& payload) {
        send({kControlStream, type}, payload);
      },
      now);
}

// Full is said for a second after the last connection that found no room.
void Flows::look_for_trouble(Instant now) {
  for (std::size_t w = 0; w < lanes_.size(); ++w) {
    const SyncFlags flags = workers_.take_flags(id(w));
    if (flags.lost) lanes_[w].walk = Walk::needed;
    if (flags.full) full_until_ = now + kFullSaid;
  }
  full_ = now < full_until_;
}

void Flows::pump_lane(std::size_t worker, const Send& send, Instant now) {
  Lane& lane = lanes_[worker];
  lane.sender.lose_overdue(refresher(worker), now);
  if (lane.walk == Walk::needed) {
    lane.walk = Walk::under_way;
    if (!progress_.began || progress_.ended) progress_ = {0, now, std::nullopt};
    workers_.request_bulk(id(worker));
  }
  lane.sender.pump(
      [&](std::span<SyncRecord> out) {
        const std::size_t count = workers_.take_changes(id(worker), out);
        if (!progress_.ended) progress_.walked += count;
        return count;
      },
      [&](Bytes payload, std::uint8_t count) {
        return send({worker_stream(worker), Type::update, count}, payload);
      },
      now);
  if (lane.sender.take_bulk_done() && lane.walk == Walk::under_way) lane.walk = Walk::done;
  if (!progress_.ended && progress_.began && !walking()) progress_.ended = now;
}

void Flows::walk_again() {
  for (Lane& lane : lanes_) lane.walk = Walk::needed;
}

FlowReceiver& Flows::receiver(std::uint8_t stream) {
  if (!receivers_[stream]) {
    receivers_[stream] = std::make_unique<FlowReceiver>(stream);
    receivers_[stream]->begin_anew(heard_epoch_);
  }
  return *receivers_[stream];
}

void Flows::hear(const Opened& opened, Instant now) {
  if (opened.epoch != heard_epoch_) {
    // The old session's last datagrams may still come after the new one's first: they are late, and said anew.
    if (opened.epoch == last_epoch_) return;
    last_epoch_ = heard_epoch_, heard_epoch_ = opened.epoch;
    for (auto& receiver : receivers_)
      if (receiver) receiver->begin_anew(heard_epoch_);
  }
  if (opened.type == Type::ack) {
    const std::optional<Ack> ack = decode_ack(opened.payload);
    if (!ack || ack->epoch != epoch_ || ack->stream < kFirstWorkerStream || ack->stream - kFirstWorkerStream >= lanes_.size()) return;
    const std::size_t worker = ack->stream - kFirstWorkerStream;
    if (ack->full) peer_full_until_ = now + kFullSaid;
    return lanes_[worker].sender.acknowledge(*ack, refresher(worker), now);
  }
  if (opened.type == Type::full) peer_full_until_ = now + kFullSaid;
  if (digests_) digests_->hear(opened, now);
  if (opened.type != Type::update) return;
  const auto apply = [this](const SyncRecord& record) { return workers_.apply(record); };
  receiver(static_cast<std::uint8_t>(opened.stream)).take(opened.sequence, opened.payload, apply, now);
}

bool Flows::peer_has_all(Instant now) const {
  return peer_ && !silent_ && !peer_full_ && !room_walk_ && now >= settled_ && lag(now) < kInStepLag &&
         std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.walk == Walk::done; });
}

bool Flows::walking() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.walk == Walk::under_way; });
}

FlowSender::Counts Flows::sent() const {
  FlowSender::Counts sum;
  for (const Lane& lane : lanes_) {
    const FlowSender::Counts& each = lane.sender.counts();
    sum.datagrams += each.datagrams, sum.records += each.records;
    sum.lost_datagrams += each.lost_datagrams, sum.lost_records += each.lost_records;
  }
  return sum;
}

FlowReceiver::Counts Flows::received() const {
  FlowReceiver::Counts sum;
  for (const auto& receiver : receivers_) {
    if (!receiver) continue;
    const FlowReceiver::Counts& each = receiver->counts();
    sum.datagrams += each.datagrams, sum.records += each.records, sum.late += each.late, sum.busy += each.busy;
    sum.broken += each.broken, sum.passed_by += each.passed_by;
  }
  return sum;
}

std::size_t Flows::records_under_way() const {
  std::size_t sum = 0;
  for (const Lane& lane : lanes_) sum += lane.sender.records_under_way();
  return sum;
}

Nanoseconds Flows::lag(Instant now) const {
  Nanoseconds longest{0};
  for (const Lane& lane : lanes_) longest = std::max(longest, lane.sender.lag(now));
  return longest;
}

}  // namespace tandem::sync
