// SPDX-License-Identifier: Apache-2.0
// The `device =` string of a [[port]], read into what DPDK wants to be told. Pure functions: nothing is opened here.
//   "0000:3b:00.0"  "af_packet:eth1"  "af_xdp:eth1"  "tap:t0"  "memif:/run/m.sock[,client]"  "pcap:IN,OUT"  "null"
//   "virtio_user:/run/v.sock[,server]"  "vhost:/run/v.sock[,client]"  "bonding:lacp,0000:3b:00.0,0000:3b:00.1"
//   or a raw vdev string: "net_tap0,iface=t0,…"
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "dataplane/model/generation.h"

namespace tandem {

enum class DeviceKind : std::uint8_t { pci, af_packet, af_xdp, tap, memif, virtio_user, vhost, bonding, pcap, null, vdev };

struct Device {
  DeviceKind kind = DeviceKind::null;
  std::string target;                // PCI address, interface, socket, bonding's mode, capture to read, or the raw vdev's name
  std::string second;                // pcap: capture to write; vdev: its arguments
  bool client = false;               // memif, virtio_user, vhost: connects to a socket that another has made
  std::vector<Device> members = {};  // bonding

  friend bool operator==(const Device&, const Device&) = default;
  bool on_kernel_interface() const { return kind == DeviceKind::af_packet || kind == DeviceKind::af_xdp; }
};

Result<Device> parse_device(std::string_view text);

TwinKind twin_of(DeviceKind kind);

// What the device is asked for when it is made. Kernel rings are sized by the MTU, so that no frame is cut.
struct DeviceRequest {
  std::size_t port = 0;  // makes names unique: net_tap3
  unsigned queues = 1;
  std::uint16_t mtu_bytes = 1500;
  std::string steering_program;      // af_xdp
  std::vector<std::string> members;  // bonding: the names its members' devices have got
};

struct DeviceArguments {
  std::string bus, name, arguments;
};

DeviceArguments arguments_of(const Device& device, const DeviceRequest& request);

// Bytes of one AF_PACKET ring slot for frames of this MTU, header and tag included: whole KiB, so that four make whole pages.
std::uint32_t packet_ring_slot_bytes(std::uint16_t mtu_bytes);
inline constexpr std::uint32_t kPacketRingSlots = 2048;
inline constexpr std::uint32_t kVirtioDescriptors = 1024;

}  // namespace tandem
