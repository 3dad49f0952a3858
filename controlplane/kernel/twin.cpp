// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/twin.h"

#include <pthread.h>
#include <csignal>

#include "common/base/ensure.h"

namespace tandem {
namespace {

constexpr std::size_t kFrameMax = 65536;

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

Twins::Twins(Take take, Inject inject) : take_{std::move(take)}, inject_{std::move(inject)}, buffer_(kFrameMax) {}

Twins::~Twins() { stop(); }

Result<std::string> Twins::add(const TwinPort& port) {
  ensure(!thread_.joinable());
  const std::string name = twin_name(port.name);
  auto tap = Tap::open(name);
  if (!tap) return fail(tap.error());
  const auto made = tap->configure(port.mac, port.mtu_bytes).and_then([&] { return tap->set_carrier(port.carrier); });
  if (!made) return fail(made.error().within(name));
  twins_.insert_or_assign(port.port, Twin{port, std::move(*tap), {}});
  return name;
}

Result<> Twins::start() {
  for (auto& [id, twin] : twins_) {
    auto watched = loop_.watch_fd(twin.tap.fd(), EPOLLIN, [this, &twin](std::uint32_t) { read_tap(twin); });
    if (!watched) return fail(watched.error());
    twin.readable = std::move(*watched);
  }
  poll_ = loop_.after(kBusyPoll, [this] { poll_punted(); });
  // Signals are the control thread's; a thread inherits the mask it is started with.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread{[this] { run(); }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return {};
}

void Twins::run() {
  pthread_setname_np(pthread_self(), "tandem-twin");
  loop_.run();
}

void Twins::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
  for (auto& [id, twin] : twins_) [[maybe_unused]]
    const auto off = twin.tap.set_carrier(false);
}

void Twins::poll_punted() {
  bool some = false;
  take_([&](PortId port, Frame frame) {
    some = true;
    const auto twin = twins_.find(port);
    if (twin == twins_.end()) return count(unknown_port_);
    count(twin->second.tap.write(frame) ? to_kernel_ : kernel_refused_);
  });
  poll_.rearm(some ? kBusyPoll : kIdlePoll);
}

void Twins::read_tap(Twin& twin) {
  for (int reads = 0; reads < kReadsAtOnce; ++reads) {
    const std::size_t bytes = twin.tap.read(buffer_);
    if (bytes == 0) return;
    count(inject_(twin.port.port, Frame{buffer_.data(), bytes}) ? from_kernel_ : dataplane_refused_);
  }
}

void Twins::on_twin(PortId port, const std::function<void(Twin&)>& work) {
  loop_.post([this, port, work] {
    if (const auto twin = twins_.find(port); twin != twins_.end()) work(twin->second);
  });
}

void Twins::set_carrier(PortId port, bool on) {
  on_twin(port, [on](Twin& twin) {
    if (twin.tap.set_carrier(on)) twin.port.carrier = on;
  });
}

void Twins::set_mtu(PortId port, std::uint16_t mtu_bytes) {
  on_twin(port, [mtu_bytes](Twin& twin) {
    if (twin.tap.configure(twin.port.mac, mtu_bytes)) twin.port.mtu_bytes = mtu_bytes;
  });
}

TwinCounters Twins::counters() const {
  return {.to_kernel = to_kernel_,
          .from_kernel = from_kernel_,
          .kernel_refused = kernel_refused_,
          .dataplane_refused = dataplane_refused_,
          .unknown_port = unknown_port_};
}

}  // namespace tandem
