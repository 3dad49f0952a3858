// SPDX-License-Identifier: Apache-2.0
// One client connection that carries numbered blocks to an echo server and verifies what comes back. It remembers when it was
// asked for and when the handshake was done, so that what happened to it can be held against a moment.
#pragma once

#include <optional>
#include <string>

#include "tests/load/endpoint.h"
#include "tests/load/loop.h"
#include "tests/load/numbered.h"
#include "tests/load/outbox.h"

namespace tandem::load {

class Stream final : public Watched {
 public:
  enum class State { opening, open, closing, finished, refused, reset, cut_off };

  Stream(Loop& loop, const Endpoint& to, std::uint64_t number);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void ready(std::uint32_t events) override;
  void speak();       // one block more, when it is open
  void close_half();  // says no more; finished when all has come back

  bool over() const { return state_ >= State::finished; }
  State state() const { return state_; }
  Instant asked() const { return asked_; }
  std::optional<Instant> established() const { return established_; }
  bool greeted() const { return greeted_ == kNameBytes; }
  std::uint16_t port() const { return port_; }  // ours
  std::string server() const { return to_text(server_); }
  std::uint64_t sent() const { return sent_; }
  const Verifier& verifier() const { return verifier_; }
  Nanoseconds longest_silence() const { return longest_silence_; }  // between two answers

 private:
  void take(std::span<const std::byte> bytes);
  void come_open();
  void watch_for_room();
  void end(State state);

  Loop& loop_;
  std::uint64_t number_;
  int socket_ = -1;
  State state_ = State::opening;
  std::uint16_t port_ = 0;
  Instant asked_, last_heard_{};
  std::optional<Instant> established_;
  Name server_{};
  std::size_t greeted_ = 0;
  std::uint64_t sent_ = 0;
  Verifier verifier_;
  Outbox outbox_;
  bool wants_room_ = true;
  Nanoseconds longest_silence_{0};
};

const char* word(Stream::State state);

}  // namespace tandem::load
