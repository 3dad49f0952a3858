// SPDX-License-Identifier: Apache-2.0
// Captured packets as blocks of a pcapng file (draft-ietf-opsawg-pcapng-05): a section, an interface for each port and one for what
// has forgotten its port, then packets, each with a comment that says where it was seen and, of a drop, why. Times in nanoseconds.
// Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/observe/sighting.h"

namespace tandem::pcapng {

struct Interface {
  std::string name, text;
};

// A section's header, and its interfaces in order.
std::string section(const std::string& application, const std::vector<Interface>& interfaces, std::uint32_t snap_bytes);

// An enhanced packet block (4.3). `interface`: its place above; `wall_ns`: since 1970.
std::string packet(const CaptureHead& head, std::span<const std::byte> bytes, std::uint32_t interface, std::int64_t wall_ns);

}  // namespace tandem::pcapng
