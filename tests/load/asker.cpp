// SPDX-License-Identifier: Apache-2.0
#include "tests/load/asker.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "tests/load/ask.h"
#include "tests/load/machine_cpu.h"
#include "tests/load/quantiles.h"

namespace tandem::load {
namespace {

using std::chrono::milliseconds;

Nanoseconds from_seconds(double length) { return std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(length)); }

}  // namespace

// One connection after another, or one for ever.
class Asker::Line final : public Watched {
 public:
  explicit Line(Asker& asker) : asker_{asker} {}
  ~Line() override { hang_up(); }

  void ask(Instant asked) {
    asked_ = asked, missing_ = asker_.wish_.bytes;
    if (socket_ >= 0) return speak();
    socket_ = begin_connect(asker_.wish_.to);
    if (socket_ < 0) return fail();
    connecting_ = true;
    asker_.loop_.watch(socket_, EPOLLIN | EPOLLOUT, *this);
  }

  void ready(std::uint32_t events) override {
    if (connecting_ && (events & (EPOLLERR | EPOLLHUP)) != 0) return fail();
    if (connecting_) {
      connecting_ = false;
      send_at_once(socket_);
      asker_.loop_.change(socket_, EPOLLIN, *this);
      return speak();
    }
    listen();
  }

 private:
  void speak() {
    const Ask ask{asker_.wish_.bytes, asker_.wish_.fresh ? 1U : 0U, {}};
    if (send(socket_, &ask, sizeof ask, MSG_NOSIGNAL) != sizeof ask) fail();
  }

  // Of a last answer its end too, so that the port is free again.
  void listen() {
    static std::array<std::byte, 256 << 10> bytes;
    for (;;) {
      const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0 || (got == 0 && missing_ != 0) || static_cast<std::size_t>(got) > missing_) return fail();
      missing_ -= static_cast<std::size_t>(got);
      if (missing_ == 0 && got != 0) asker_.answered(asked_);
      if (got == 0) hang_up();
      if (got == 0 || (missing_ == 0 && !asker_.wish_.fresh)) return go_on();
    }
  }

  void go_on() {
    if (asker_.is_paced()) asker_.idle_.push_back(this);
    else ask(Loop::now());
  }
  // Whoever failed rests until the pace, or the next look around, comes to it.
  void fail() {
    ++asker_.failed_;
    hang_up();
    asker_.idle_.push_back(this);
  }
  void hang_up() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1, connecting_ = false;
  }

  Asker& asker_;
  int socket_ = -1;
  bool connecting_ = false;
  Instant asked_;
  std::size_t missing_ = 0;
};

Asker::Asker(const AskWish& wish) : wish_{wish} {
  took_us_.reserve(1 << 20);
  for (std::size_t i = 0; i < wish.at_once; ++i) idle_.push_back(lines_.emplace_back(std::make_unique<Line>(*this)).get());
}

Asker::~Asker() = default;

void Asker::answered(Instant asked) {
  const Instant now = Loop::now();
  if (now >= counted_from_) took_us_.push_back(static_cast<float>(seconds(now - asked) * 1e6));
}

// Without a pace everybody who rests.
void Asker::ask_due(Instant now) {
  const auto due = is_paced() ? static_cast<std::uint64_t>(seconds(now - begin_) * wish_.pace) : due_ + idle_.size();
  for (; due_ < due; ++due_) {
    if (idle_.empty()) {
      late_ += due - due_;
      due_ = due;
      return;
    }
    Line* one = idle_.back();
    idle_.pop_back();
    one->ask(is_paced() ? begin_ + from_seconds(static_cast<double>(due_) / wish_.pace) : now);
  }
}

void Asker::ask_until(Instant until) {
  for (Instant now = Loop::now(); now < until && !Loop::asked_to_stop(); now = Loop::now()) {
    ask_due(now);
    loop_.wait(is_paced() ? Nanoseconds{milliseconds{1}} : Nanoseconds{milliseconds{10}});
  }
}

void Asker::run() {
  begin_ = Loop::now();
  counted_from_ = begin_ + from_seconds(wish_.warm_s);
  ask_until(counted_from_);
  const double before = machine_cpu_seconds();
  ask_until(counted_from_ + from_seconds(wish_.run_s));
  cpu_s_ = machine_cpu_seconds() - before;
  end_ = Loop::now();
}

nlohmann::json Asker::report() const {
  const double length = seconds(end_ - counted_from_);
  const auto answered = static_cast<double>(took_us_.size());
  return {{"seconds", length},
          {"answered", took_us_.size()},
          {"per_second", answered / length},
          {"gbit_per_second", answered * wish_.bytes * 8 / length / 1e9},
          {"cpu_us_each", took_us_.empty() ? 0 : cpu_s_ * 1e6 / answered},
          {"failed", failed_},
          {"late", late_},
          {"took_us", quantiles(took_us_)}};
}

}  // namespace tandem::load
