// SPDX-License-Identifier: Apache-2.0
// One control thread's event loop, on sd-event: timers, descriptors, signals, and tasks posted by other threads.
// Threads: post() and stop() from any; everything else by the thread that runs the loop (or before it runs).
// Callbacks must not throw. What a watch_/after/every call returns is the registration itself: while the Handle lives the
// callback may come, once it is destroyed or cancelled it will not; destroying it inside its own callback is fine.
// The Loop outlives its Handles. After it has ended, registering and changing have no effect.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <sys/epoll.h>

#include "common/base/clock.h"
#include "common/base/result.h"

struct sd_event;
struct sd_event_source;

namespace tandem {

class Loop {
 public:
  using Task = std::function<void()>;
  using FdTask = std::function<void(std::uint32_t events)>;  // EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLERR …

  // One registration. Empty when default-made or moved from; then every call on it does nothing.
  class Handle {
   public:
    Handle() = default;
    ~Handle() { cancel(); }
    Handle(Handle&& other) noexcept : source_{std::exchange(other.source_, nullptr)} {}
    Handle& operator=(Handle&& other) noexcept;

    void cancel() noexcept;
    bool active() const { return source_ != nullptr; }
    void set_events(std::uint32_t events) noexcept;  // a descriptor's: EPOLLIN, EPOLLOUT, both, or 0 to pause
    void rearm(Nanoseconds delay) noexcept;          // a timer's: next call that far from now, also after a one-shot came

   private:
    friend class Loop;
    explicit Handle(sd_event_source* source) : source_{source} {}
    sd_event_source* source_ = nullptr;
  };

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Level-triggered. The descriptor stays the caller's: cancel the handle before closing it.
  [[nodiscard]] Result<Handle> watch_fd(int fd, std::uint32_t events, FdTask task);
  // Blocks the signal in the calling thread; threads started earlier must have it blocked already, or they take it.
  [[nodiscard]] Result<Handle> watch_signal(int signal, Task task);
  [[nodiscard]] Handle after(Nanoseconds delay, Task task);   // once; rearm() asks again
  [[nodiscard]] Handle every(Nanoseconds period, Task task);  // first call one period from now; late calls are not made up for

  // Runs `task` on the loop's thread, in order of posting; before run() it waits for it. Never blocks on the loop.
  void post(Task task);

  int run();  // until stop(); returns its code
  void stop(int code = 0);
  bool run_once(Nanoseconds timeout);  // for tests and tools: waits for events at most that long; false once stopped
  // Answers systemd's watchdog from within the loop, if the unit asks for one.
  void enable_watchdog() noexcept;

 private:
  struct Watch;  // a callback and its source, owned by the source
  Handle adopt(sd_event_source* source, std::unique_ptr<Watch> watch) noexcept;
  Handle add_timer(Nanoseconds delay, Nanoseconds period, Task task);
  void run_posted();

  sd_event* event_ = nullptr;
  int wake_fd_ = -1;
  Handle wake_;
  std::mutex posted_lock_;
  std::vector<Task> posted_;
};

}  // namespace tandem
