// SPDX-License-Identifier: Apache-2.0
// The kernel's side of a port on an interface (af_packet, af_xdp, net_tap): link, MTU, MAC, channels and offloads by ioctl,
// in whatever network namespace we run. Segmentation and checksum offloads must be off there: a frame of 64 kB or with half
// a checksum is no use to anybody but the kernel it came from.
// Threads: control threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"

namespace tandem {

struct LinkState {
  bool up = false;
  std::uint64_t speed_bytes = 0;  // per second; 0: unknown
};

class KernelInterface {
 public:
  static Result<KernelInterface> open(const std::string& name);
  KernelInterface(KernelInterface&& other) noexcept;
  KernelInterface& operator=(KernelInterface&& other) noexcept;
  ~KernelInterface();

  const std::string& name() const { return name_; }
  unsigned number() const { return number_; }  // ifindex
  LinkState link() const;
  Result<MacAddress> mac() const;
  Result<std::uint16_t> mtu_bytes() const;
  Result<> set_mtu(std::uint16_t mtu_bytes);
  unsigned combined_channels() const;  // 1 where the driver has no such notion

  // Switches off what must be off and says what that was ("tso", …). A device that refuses is an error.
  Result<std::vector<std::string>> switch_offloads_off();
  void restore_offloads();  // what switch_offloads_off changed

 private:
  KernelInterface(std::string name, int socket, unsigned number) : name_{std::move(name)}, socket_{socket}, number_{number} {}
  Result<bool> offload(std::uint32_t get) const;
  bool set_offload(std::uint32_t set, bool on) const;

  std::string name_;
  int socket_ = -1;
  unsigned number_ = 0;
  std::vector<std::size_t> changed_;  // places in the table of offloads
};

}  // namespace tandem
