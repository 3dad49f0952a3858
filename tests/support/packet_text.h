// SPDX-License-Identifier: Apache-2.0
// A frame in one readable line, for tests that compare and for people who read why they failed:
//   "02:00:00:00:00:01 > 02:00:00:00:00:02 vlan 7 | 10.0.0.1 > 10.0.0.100 ttl 64 | tcp 40000 > 80 S | 100 bytes"
// A tunnel's inside follows its outer headers: "… ttl 64 | ip4 | 10.0.0.5 > 10.0.0.100 ttl 63 | tcp …", "… | udp 50000 > 6080 nosum gue |
// …". A reset's numbers are told ("R seq 1 ack 0"): it is believed by them. Wrong checksums and lengths are named ("BAD-IP-SUM",
// "BAD-SUM"), so that equality of lines includes them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tandem::test {

std::string to_line(std::span<const std::uint8_t> frame);
std::string to_hex(std::span<const std::uint8_t> frame);  // 16 bytes a line

// Every checksum that the frame carries, summed anew. A UDP checksum of 0 over IPv4 counts as right.
bool checksums_are_right(std::span<const std::uint8_t> frame);

}  // namespace tandem::test
