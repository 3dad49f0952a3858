// SPDX-License-Identifier: Apache-2.0
// One TAP interface: the kernel's device beside a port that has none of its own. Plain frames (IFF_NO_PI, no vnet header, no
// offload, so every checksum in it is whole); persistent, so that addresses, routes and open connections of the host survive
// a restart. Made in the network namespace of the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/net/address.h"

namespace tandem {

// "tdm-" and the port's name; a name beyond the kernel's 15 characters is shortened and told apart by four hash digits.
std::string twin_name(std::string_view port);

class Tap {
 public:
  static Result<Tap> open(const std::string& name);
  ~Tap();
  Tap(Tap&& other) noexcept;
  Tap& operator=(Tap&& other) noexcept;

  int fd() const { return fd_; }  // non-blocking
  int interface_index() const { return interface_index_; }

  // Takes the port's MAC and MTU, sets the interface up, and makes it answer ARP for its own addresses alone (arp_ignore=1,
  // arp_announce=2, arp_filter=1): several twins may stand in one LAN. By netlink, since /proc/sys is often read-only.
  Result<> configure(const MacAddress& mac, std::uint16_t mtu_bytes);
  Result<> set_carrier(bool on);

  bool write(std::span<const std::uint8_t> frame);   // false: the kernel refused it
  std::size_t read(std::span<std::uint8_t> buffer);  // 0: nothing waits

 private:
  explicit Tap(int fd) : fd_{fd} {}

  int fd_ = -1;
  int interface_index_ = 0;
};

}  // namespace tandem
