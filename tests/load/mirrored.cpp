// SPDX-License-Identifier: Apache-2.0
#include "tests/load/mirrored.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>

namespace tandem::load {
namespace {

using std::chrono::milliseconds;

constexpr Nanoseconds kPatience = milliseconds{50};  // a flow that was silent for so long has lost all that it had under way

}  // namespace

class Mirrored::Flow final : public Watched {
 public:
  Flow(Mirrored& all, int socket) : all_{all}, socket_{socket} {}
  ~Flow() override { close(socket_); }

  void ready(std::uint32_t) override {
    std::array<std::byte, 2048> bytes;
    while (recv(socket_, bytes.data(), bytes.size(), 0) > 0) {
      ++came_;
      if (all_.counting_) ++all_.came_;
      send_one();
    }
  }
  void send_all() {
    for (std::size_t i = 0; i < all_.wish_.at_once; ++i) send_one();
  }
  bool is_silent() { return came_ == std::exchange(came_before_, came_); }

 private:
  void send_one() {
    static const std::array<std::byte, 1472> nothing{};
    [[maybe_unused]] const ssize_t sent = send(socket_, nothing.data(), all_.wish_.bytes, 0);  // an error is a loss like others
  }

  Mirrored& all_;
  int socket_;
  std::uint64_t came_ = 0, came_before_ = 0;
};

Mirrored::~Mirrored() = default;

Result<std::unique_ptr<Mirrored>> Mirrored::open(const MirrorWish& wish) {
  auto made = std::make_unique<Mirrored>();
  made->wish_ = wish;
  for (std::size_t i = 0; i < wish.flows; ++i) {
    const Result<int> socket = speak_to(wish.to);
    if (!socket) return fail(socket.error());
    made->loop_.watch(*socket, EPOLLIN, *made->flows_.emplace_back(std::make_unique<Flow>(*made, *socket)));
  }
  return made;
}

void Mirrored::send_again_where_lost(Instant now) {
  if (now - looked_ < kPatience) return;
  looked_ = now;
  for (const auto& flow : flows_) {
    if (!flow->is_silent()) continue;
    if (counting_) lost_ += wish_.at_once;
    flow->send_all();
  }
}

void Mirrored::run() {
  const Instant begin = looked_ = Loop::now();
  Instant counted_from = begin, now = begin;
  for (const auto& flow : flows_) flow->send_all();
  for (; !Loop::asked_to_stop() && seconds(now - begin) < wish_.warm_s + wish_.run_s; now = Loop::now()) {
    if (!counting_ && seconds(now - begin) >= wish_.warm_s) counting_ = true, counted_from = now;
    send_again_where_lost(now);
    loop_.wait(milliseconds{10});
  }
  length_s_ = seconds(now - counted_from);
}

nlohmann::json Mirrored::report() const {
  return {{"seconds", length_s_}, {"came_back", came_}, {"per_second", static_cast<double>(came_) / length_s_}, {"lost", lost_}};
}

}  // namespace tandem::load
