// SPDX-License-Identifier: Apache-2.0
// What the two control planes say to each other within a session: words of up to 1 MiB, delivered once and in order for as long as
// both nodes run. A peer that started anew has heard nothing: both sides are emptied, and take_new() says so, once.
//
// Nobody waits for room: a word that finds none is not said, and once all that waits has arrived, take_new() says again that the
// peer must be told everything. So whoever answers take_new() by telling all that it must know needs no other care.
// A session by another key changes nothing here. Pure; threads: the pair's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "controlplane/sync/session.h"
#include "controlplane/sync/word_receiver.h"
#include "controlplane/sync/word_sender.h"

namespace tandem::sync {

// What a word is about. Numbers stay for ever; what a node does not know it counts and passes by.
enum class Word : std::uint8_t {
  request = 1,  // of the API, or one daemon's of the other
  answer,
  health,  // verdicts of checks
  count_,
};

class Words {
 public:
  using Send = std::function<std::uint64_t(const Label& label, Bytes payload)>;  // its sequence; 0: not sent
  using Heard = std::function<void(Word kind, std::string text)>;

  explicit Words(std::uint64_t own_boot) : own_boot_{own_boot} {}

  bool say(Word kind, std::string text);  // false: too long, no room, or nobody to say it to
  // Called at every tick. `peer`: the boot id of who listens now; none: nobody does, and what was said waits.
  void pump(std::optional<std::uint64_t> peer, const Send& send, Instant now);
  void hear(const Opened& opened, const Heard& heard);
  bool take_new() { return std::exchange(new_, false); }

  struct Counts {
    std::uint64_t said = 0, not_said = 0, heard = 0, unknown = 0, broken = 0;
  };
  const Counts& counts() const { return counts_; }
  const WordSender& sender() const { return sender_; }
  const WordReceiver& receiver() const { return receiver_; }

 private:
  void meet(std::uint64_t peer);
  void deliver(std::uint8_t kind, std::string text, const Heard& heard);

  std::uint64_t own_boot_;
  std::optional<std::uint64_t> peer_;
  WordSender sender_;
  WordReceiver receiver_;
  bool new_ = false, missed_ = false;  // missed_: something was not said
  Counts counts_;
};

}  // namespace tandem::sync
