// SPDX-License-Identifier: Apache-2.0
#include "controlplane/loop/loop.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <sys/eventfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "common/base/ensure.h"

namespace tandem {
namespace {

std::uint64_t microseconds(Nanoseconds span) {
  const auto whole = std::chrono::ceil<std::chrono::microseconds>(span).count();
  return whole > 0 ? static_cast<std::uint64_t>(whole) : 0;
}

std::string reason(int negative_errno) { return std::strerror(-negative_errno); }

// Once the loop has ended sd-event refuses every change, and that is no mistake: what is torn down after it may still try.
bool accepted(int rc) { return rc >= 0 || rc == -ESTALE; }

// Timers may be late by this much, so that neighbouring ones share a wake-up; sd-event's own default is 250 ms.
constexpr std::uint64_t kTimerAccuracyMicroseconds = 100;

}  // namespace

struct Loop::Watch {
  Task task;
  FdTask fd_task;
  Nanoseconds period{};  // zero: once

  static int on_fd(sd_event_source*, int, std::uint32_t events, void* self) noexcept {
    static_cast<Watch*>(self)->fd_task(events);
    return 0;
  }
  static int on_signal(sd_event_source*, const signalfd_siginfo*, void* self) noexcept {
    static_cast<Watch*>(self)->task();
    return 0;
  }
  static int on_time(sd_event_source* source, std::uint64_t, void* self) noexcept {
    auto& watch = *static_cast<Watch*>(self);
    // Armed again before the callback, which may cancel it or choose another time.
    if (watch.period > Nanoseconds{}) {
      sd_event_source_set_time_relative(source, microseconds(watch.period));
      sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    }
    watch.task();
    return 0;
  }
  static void destroy(void* self) noexcept { delete static_cast<Watch*>(self); }
};

Loop::Handle& Loop::Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    cancel();
    source_ = std::exchange(other.source_, nullptr);
  }
  return *this;
}

void Loop::Handle::cancel() noexcept {
  // sd-event keeps the source, and with it the callback, until a running callback has returned.
  sd_event_source_disable_unref(std::exchange(source_, nullptr));
}

void Loop::Handle::set_events(std::uint32_t events) noexcept {
  if (source_ != nullptr) ensure(accepted(sd_event_source_set_io_events(source_, events)));
}

void Loop::Handle::rearm(Nanoseconds delay) noexcept {
  if (source_ == nullptr) return;
  ensure(accepted(sd_event_source_set_time_relative(source_, microseconds(delay))));
  ensure(accepted(sd_event_source_set_enabled(source_, SD_EVENT_ONESHOT)));
}

Loop::Loop() {
  ensure(sd_event_new(&event_) >= 0);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  ensure(wake_fd_ >= 0);
  auto woken = watch_fd(wake_fd_, EPOLLIN, [this](std::uint32_t) { run_posted(); });
  ensure(woken.has_value());
  wake_ = std::move(*woken);
}

Loop::~Loop() {
  wake_.cancel();
  close(wake_fd_);
  sd_event_unref(event_);
}

Loop::Handle Loop::adopt(sd_event_source* source, std::unique_ptr<Watch> watch) noexcept {
  sd_event_source_set_userdata(source, watch.release());
  ensure(sd_event_source_set_destroy_callback(source, &Watch::destroy) >= 0);
  return Handle{source};
}

Result<Loop::Handle> Loop::watch_fd(int fd, std::uint32_t events, FdTask task) {
  auto watch = std::make_unique<Watch>(Watch{.task = {}, .fd_task = std::move(task)});
  sd_event_source* source = nullptr;
  const int rc = sd_event_add_io(event_, &source, fd, events, &Watch::on_fd, watch.get());
  if (rc < 0) return fail("cannot watch descriptor " + std::to_string(fd) + ": " + reason(rc));
  return adopt(source, std::move(watch));
}

Result<Loop::Handle> Loop::watch_signal(int signal, Task task) {
  auto watch = std::make_unique<Watch>(Watch{.task = std::move(task), .fd_task = {}});
  sd_event_source* source = nullptr;
  const int rc = sd_event_add_signal(event_, &source, signal | SD_EVENT_SIGNAL_PROCMASK, &Watch::on_signal, watch.get());
  if (rc < 0) return fail("cannot watch signal " + std::to_string(signal) + ": " + reason(rc));
  return adopt(source, std::move(watch));
}

Loop::Handle Loop::add_timer(Nanoseconds delay, Nanoseconds period, Task task) {
  auto watch = std::make_unique<Watch>(Watch{.task = std::move(task), .fd_task = {}, .period = period});
  sd_event_source* source = nullptr;
  const int rc = sd_event_add_time_relative(event_, &source, CLOCK_MONOTONIC, microseconds(delay), kTimerAccuracyMicroseconds,
                                            &Watch::on_time, watch.get());
  if (rc == -ESTALE) return {};
  ensure(rc >= 0);
  return adopt(source, std::move(watch));
}

Loop::Handle Loop::after(Nanoseconds delay, Task task) { return add_timer(delay, Nanoseconds{}, std::move(task)); }

Loop::Handle Loop::every(Nanoseconds period, Task task) {
  ensure(period > Nanoseconds{});
  return add_timer(period, period, std::move(task));
}

void Loop::post(Task task) {
  {
    const std::lock_guard guard{posted_lock_};
    posted_.push_back(std::move(task));
  }
  // A full counter (EAGAIN) means that the loop is about to wake anyway.
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

// Takes what waits at this moment; a task that posts again is served in the next round, after timers and descriptors.
void Loop::run_posted() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t drained = read(wake_fd_, &count, sizeof count);
  std::vector<Task> tasks;
  {
    const std::lock_guard guard{posted_lock_};
    tasks.swap(posted_);
  }
  for (const Task& task : tasks) task();
}

int Loop::run() { return sd_event_loop(event_); }

void Loop::stop(int code) {
  post([this, code] { sd_event_exit(event_, code); });
}

bool Loop::run_once(Nanoseconds timeout) {
  if (sd_event_get_state(event_) == SD_EVENT_FINISHED) return false;
  ensure(sd_event_run(event_, microseconds(timeout)) >= 0);
  return sd_event_get_state(event_) != SD_EVENT_FINISHED;
}

void Loop::enable_watchdog() noexcept { sd_event_set_watchdog(event_, 1); }

}  // namespace tandem
