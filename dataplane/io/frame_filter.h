// SPDX-License-Identifier: Apache-2.0
// Which frames a device lets in besides those to its own MAC: a group's virtual MACs, and VRRP's multicasts. Asked in order: a filter
// for each MAC, else promiscuous; a list of multicasts, else all of them, else promiscuous.
// Threads: the control thread that owns the port.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"

namespace tandem {

// What a device can be asked. Results as DPDK has them: 0, or a negative errno.
class FrameFilter {
 public:
  virtual ~FrameFilter() = default;
  virtual int add(const MacAddress& mac) = 0;
  virtual int remove(const MacAddress& mac) = 0;
  virtual int list_multicasts(std::span<const MacAddress> macs) = 0;
  virtual int all_multicasts() = 0;
  virtual int promiscuous() = 0;
};

class AcceptedMacs {
 public:
  // These from now on, and no others. Tells how, for PortState::note; an error says what to configure instead.
  Result<std::string> accept(FrameFilter& filter, std::span<const MacAddress> macs);
  bool promiscuous() const { return promiscuous_; }

 private:
  int filter_each(FrameFilter& filter, std::span<const MacAddress> macs);
  std::string accept_multicasts(FrameFilter& filter);

  std::vector<MacAddress> added_;
  bool promiscuous_ = false;
};

// Every frame that is sent to such a device reaches us, whatever its MAC.
bool takes_every_frame(std::string_view driver);

}  // namespace tandem
