// SPDX-License-Identifier: Apache-2.0
// Moves frames between the dataplane and the TAP twins of its ports (kind `tap`), on a thread of its own, so that no work of
// the control thread (a large configuration) delays a health check. Bounded both ways: what the kernel cannot take is dropped
// and counted, what the dataplane cannot take too; the TAP's own queue (500 frames) is the kernel's bound.
// Threads: add(), start(), stop() by one control thread; set_carrier(), set_mtu() and counters from any. `take` and `inject`
// are called by the twins' thread alone (Dataplane::take_punted and Dataplane::inject).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/net/address.h"
#include "controlplane/kernel/tap.h"
#include "controlplane/loop/loop.h"

namespace tandem {

struct TwinPort {
  PortId port{};
  std::string name;  // the port's; the interface is twin_name(name)
  MacAddress mac;
  std::uint16_t mtu_bytes = 1500;
  bool carrier = true;
};

struct TwinCounters {
  std::uint64_t to_kernel = 0, from_kernel = 0;
  std::uint64_t kernel_refused = 0;     // write() failed: the twin is down, or out of memory
  std::uint64_t dataplane_refused = 0;  // inject() had no room
  std::uint64_t unknown_port = 0;       // punted by a port without a twin
};

class Twins {
 public:
  using Frame = std::span<const std::uint8_t>;
  using FrameHandler = std::function<void(PortId, Frame)>;
  using Take = std::function<void(const FrameHandler&)>;  // hands over the punted frames that wait; bounded
  using Inject = std::function<bool(PortId, Frame)>;

  // The workers' rings have no descriptor to wait for, so they are looked at this often: soon again after a frame came.
  static constexpr std::chrono::microseconds kBusyPoll{200}, kIdlePoll{1000};
  static constexpr int kReadsAtOnce = 64;

  Twins(Take take, Inject inject);
  ~Twins();

  Result<std::string> add(const TwinPort& port);  // before start(); the interface's name. In the caller's network namespace
  Result<> start();
  void stop();  // the interfaces stay, without carrier

  void set_carrier(PortId port, bool on);
  void set_mtu(PortId port, std::uint16_t mtu_bytes);
  TwinCounters counters() const;

 private:
  struct Twin {
    TwinPort port;
    Tap tap;
    Loop::Handle readable;
  };

  void run();
  void poll_punted();
  void read_tap(Twin& twin);
  void on_twin(PortId port, const std::function<void(Twin&)>& work);

  Take take_;
  Inject inject_;
  Loop loop_;
  std::map<PortId, Twin> twins_;
  Loop::Handle poll_;
  std::thread thread_;
  std::vector<std::uint8_t> buffer_;
  std::atomic<std::uint64_t> to_kernel_{0}, from_kernel_{0}, kernel_refused_{0}, dataplane_refused_{0}, unknown_port_{0};
};

}  // namespace tandem
