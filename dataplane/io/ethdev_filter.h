// SPDX-License-Identifier: Apache-2.0
// A DPDK port as a filter of frames (frame_filter.h). A new MAC for the whole port is never set: on an af_packet port that would change
// the interface's own.
// Threads: the control thread that owns the port.
#pragma once

#include "dataplane/io/frame_filter.h"

namespace tandem {

class EthdevFilter final : public FrameFilter {
 public:
  explicit EthdevFilter(std::uint16_t dpdk_port) : port_{dpdk_port} {}
  int add(const MacAddress& mac) override;
  int remove(const MacAddress& mac) override;
  int list_multicasts(std::span<const MacAddress> macs) override;
  int all_multicasts() override;
  int promiscuous() override;

 private:
  std::uint16_t port_;
};

}  // namespace tandem
