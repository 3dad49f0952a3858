// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/queues_allowed.h"

#include "dataplane/io/kernel_interface.h"

namespace tandem {

namespace {

constexpr unsigned kTapQueuesMax = 16, kSoftQueuesMax = 64;

}  // namespace

std::optional<unsigned> queues_allowed(const Device& device) {
  switch (device.kind) {
    case DeviceKind::pci:
    case DeviceKind::bonding:
    case DeviceKind::vdev:
      return std::nullopt;
    case DeviceKind::pcap:
      return 1;  // one file to read, one to write
    case DeviceKind::tap:
      return kTapQueuesMax;
    case DeviceKind::af_xdp: {
      const Result<KernelInterface> interface = KernelInterface::open(device.target);
      return interface ? interface->combined_channels() : 1;
    }
    case DeviceKind::af_packet:
    case DeviceKind::memif:
    case DeviceKind::virtio_user:
    case DeviceKind::vhost:
    case DeviceKind::null:
      break;
  }
  return kSoftQueuesMax;
}

}  // namespace tandem
