// SPDX-License-Identifier: Apache-2.0
#include "tests/load/loop.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

#include "common/base/ensure.h"

namespace tandem::load {
namespace {

std::atomic<bool> stop_asked{false};

void note_stop(int) { stop_asked = true; }

void control(int epoll, int operation, int descriptor, std::uint32_t events, Watched* watched) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watched;
  ensure(epoll_ctl(epoll, operation, descriptor, &event) == 0);
}

// A socket for each connection, as many as may be.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Loop::Loop() : epoll_{epoll_create1(EPOLL_CLOEXEC)} {
  ensure(epoll_ >= 0);
  allow_many_descriptors();
  for (const int number : {SIGTERM, SIGINT}) std::signal(number, note_stop);
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() { close(epoll_); }

void Loop::watch(int descriptor, std::uint32_t events, Watched& watched) { control(epoll_, EPOLL_CTL_ADD, descriptor, events, &watched); }
void Loop::change(int descriptor, std::uint32_t events, Watched& watched) { control(epoll_, EPOLL_CTL_MOD, descriptor, events, &watched); }
void Loop::forget(int descriptor) { control(epoll_, EPOLL_CTL_DEL, descriptor, 0, nullptr); }

void Loop::wait(Nanoseconds at_most) {
  std::array<epoll_event, 256> events;
  const timespec limit{at_most.count() / 1'000'000'000, at_most.count() % 1'000'000'000};
  const int found = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
  for (int i = 0; i < found; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<Watched*>(event.data.ptr)->ready(event.events);
  }
}

bool Loop::asked_to_stop() { return stop_asked; }
Instant Loop::now() { return SteadyClock{}.now(); }

double seconds(Nanoseconds length) { return std::chrono::duration<double>(length).count(); }
double seconds(Instant at) { return seconds(at.since_start); }

}  // namespace tandem::load
