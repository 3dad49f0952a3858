// SPDX-License-Identifier: Apache-2.0
#include "tests/load/crowd.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <span>
#include <sstream>

#include "tests/load/crowd_report.h"

namespace tandem::load {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kYoungPart = 10;               // one in so many of a burst is open when a process is killed amid it
constexpr Nanoseconds kBurstMost{milliseconds{50}};  // or so much has passed

void tell(const nlohmann::json& event) { std::cout << event.dump() << std::endl; }

Nanoseconds from_seconds(double length) { return std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(length)); }

}  // namespace

// Lines on the standard input.
class Crowd::Orders final : public Watched {
 public:
  explicit Orders(Crowd& crowd) : crowd_{crowd} {
    fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    // A file or /dev/null cannot be watched, and gives no orders.
    epoll_event event{};
    const int probe = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ctl(probe, EPOLL_CTL_ADD, STDIN_FILENO, &event) == 0) crowd_.loop_.watch(STDIN_FILENO, EPOLLIN, *this);
    close(probe);
  }

  void ready(std::uint32_t) override {
    std::array<char, 512> bytes;
    const ssize_t got = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got <= 0) return crowd_.loop_.forget(STDIN_FILENO);
    text_.append(bytes.data(), static_cast<std::size_t>(got));
    for (std::size_t end; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1)) crowd_.obey(text_.substr(0, end));
  }

 private:
  Crowd& crowd_;
  std::string text_;
};

Crowd::Crowd(CrowdWish wish)
    : wish_{std::move(wish)},
      began_{Loop::now()},
      first_number_{static_cast<std::uint64_t>(getpid()) << 32U},
      orders_{std::make_unique<Orders>(*this)} {}

Crowd::~Crowd() = default;

void Crowd::open_one(const Endpoint& to) { streams_.push_back(std::make_unique<Stream>(loop_, to, first_number_ + streams_.size())); }

void Crowd::open_due(Instant now) {
  const auto due = static_cast<std::size_t>(seconds(now - began_) * wish_.opened_per_second) + 1;
  while (opened_ < std::min(due, wish_.count)) open_one(wish_.to[opened_++ % wish_.to.size()]);
}

// Whoever is late says one block a stream and round, so that a pause is no burst afterwards.
void Crowd::speak_due(Instant now) {
  if (streams_.empty()) return;
  owed_ += seconds(now - last_spoke_) / wish_.every_s * static_cast<double>(streams_.size());
  last_spoke_ = now;
  owed_ = std::min(owed_, static_cast<double>(streams_.size()));
  for (; owed_ >= 1; owed_ -= 1) streams_[next_++ % streams_.size()]->speak();
}

void Crowd::tell_when_all_are_open() {
  if (told_ || opened_ < wish_.count) return;
  const auto settled = [](const auto& stream) { return stream->greeted() || stream->over(); };
  if (!std::all_of(streams_.begin(), streams_.end(), settled)) return;
  told_ = true;
  tell({{"event", "open"}, {"at", seconds(Loop::now())}, {"streams", streams_.size()}});
}

void Crowd::obey(const std::string& line) {
  std::istringstream words{line};
  std::string verb;
  int process = 0;
  std::size_t count = 0;
  double after_ms = 0, every_s = 0;
  words >> verb;
  if (verb == "kill") words >> process >> count >> after_ms;
  else if (verb == "every") words >> every_s;
  else words >> count;
  if (verb == "open" && words) {
    for (std::size_t i = 0; i < count; ++i) open_one(wish_.to[i % wish_.to.size()]);
  } else if (verb == "every" && words && every_s > 0) {
    wish_.every_s = every_s;
  } else if (verb == "kill" && words && process > 1) {
    kill_amid(process, count, from_seconds(after_ms / 1000));
  } else {
    tell({{"event", "not understood"}, {"line", line}});
  }
}

// Some of the burst are open: on a busy machine all may still be in their handshakes when the time has come.
bool Crowd::is_amid(std::size_t burst) const {
  const auto burst_of = std::span{streams_}.subspan(burst_begins_);
  const auto open = std::ranges::count_if(burst_of, [](const auto& stream) { return stream->established().has_value(); });
  return static_cast<std::size_t>(open) >= burst / kYoungPart;
}

// Nobody speaks meanwhile: a few ms are all there is, and the handshakes need them.
void Crowd::kill_amid(int process, std::size_t burst, Nanoseconds after) {
  const Instant begin = Loop::now();
  burst_begins_ = streams_.size();
  const auto is_time = [&](Nanoseconds passed) { return passed >= kBurstMost || (passed >= after && is_amid(burst)); };
  for (std::size_t i = 0; !is_time(Loop::now() - begin); ++i) {
    if (i < burst) open_one(wish_.to.front());
    loop_.wait(i < burst ? Nanoseconds{0} : Nanoseconds{microseconds{50}});
  }
  killed_ = Loop::now();
  const bool done = kill(process, SIGKILL) == 0;
  tell({{"event", done ? "killed" : "not killed"},
        {"began", seconds(begin)},
        {"at", seconds(*killed_)},
        {"asked", streams_.size() - burst_begins_}});
}

void Crowd::run() {
  last_spoke_ = began_;
  for (Instant now = began_; !Loop::asked_to_stop() && (wish_.run_s == 0 || seconds(now - began_) < wish_.run_s); now = Loop::now()) {
    open_due(now);
    speak_due(now);
    tell_when_all_are_open();
    loop_.wait(milliseconds{1});
  }
  close_all();
}

void Crowd::close_all() {
  const Instant begin = Loop::now();
  const auto over = [](const auto& stream) { return stream->over(); };
  while (!std::all_of(streams_.begin(), streams_.end(), over) && seconds(Loop::now() - begin) < wish_.settle_s) {
    for (const auto& stream : streams_) stream->close_half();
    loop_.wait(milliseconds{20});
  }
}

nlohmann::json Crowd::report() const { return report_of(streams_, killed_, burst_begins_); }

}  // namespace tandem::load
