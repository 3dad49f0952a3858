// SPDX-License-Identifier: Apache-2.0
// Captures as ports: frames come when the clock reaches their time stamps, in the order of time over all ports, so that an
// answer in one capture follows its question in another (DPDK's pcap driver reads each file as fast as it is polled, and writes
// the wall clock's times). What is sent is written with the clock's time. For replay: one thread.
#pragma once

#include <pcap/pcap.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "dataplane/io/device.h"
#include "dataplane/io/port_state.h"
#include "dataplane/io/wire.h"

struct rte_mempool;

namespace tandem {

class CaptureWire final : public Wire {
 public:
  // Devices must be DeviceKind::pcap. Time stamps become Instants as they are: nanoseconds since 1970.
  static Result<std::unique_ptr<CaptureWire>> open(std::span<const Device> devices, rte_mempool* pool, const Clock& clock);
  ~CaptureWire() override;
  CaptureWire(const CaptureWire&) = delete;
  CaptureWire& operator=(const CaptureWire&) = delete;

  std::optional<Instant> next() const;  // when the earliest frame comes; none: all captures have ended
  Result<> outcome() const;             // an error when a capture could not be read to its end, or written
  Result<> flush();                     // all that was sent is in the files
  const PortStats& stats(PortId port) const { return lanes_[index(port)].stats; }

  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;

 private:
  struct Lane {
    pcap_t *in = nullptr, *out = nullptr;
    pcap_dumper_t* dumper = nullptr;
    pcap_pkthdr* header = nullptr;  // of the frame that waits; null: none
    const unsigned char* bytes = nullptr;
    PortStats stats;
    std::string problem;
  };

  CaptureWire(rte_mempool* pool, const Clock& clock) : pool_{pool}, clock_{clock} {}
  Result<> open_lane(const Device& device);
  static void read_next(Lane& lane) noexcept;

  rte_mempool* pool_;
  const Clock& clock_;
  std::vector<Lane> lanes_;
};

}  // namespace tandem
