// SPDX-License-Identifier: Apache-2.0
// VRRPv3 advertisements (RFC 9568 5), both families. Pure.
// Checksum over IPv4: the RFC leaves the pseudo-header out, keepalived (as RFC 5798 read) and FRR put it in. Either is accepted;
// what the neighbour was last heard to use is what we send.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/net/address.h"

namespace tandem::ha {

inline constexpr std::uint8_t kVrrpProtocol = 112, kVrrpHops = 255;
inline constexpr std::uint8_t kPriorityPreferred = 254, kPriorityOther = 250, kPriorityLeaving = 0;
inline constexpr std::size_t kVrrpHeaderBytes = 8, kMaxAdvertAddresses = 255;

enum class ChecksumForm : std::uint8_t { with_pseudo_header, without };

struct Advert {
  std::uint8_t vrid = 0, priority = 0;
  std::chrono::milliseconds interval{1000};  // Max Advertise Interval: whole centiseconds, 10 … 40950 ms
  std::vector<IpAddress> addresses;          // of one family
  ChecksumForm form = ChecksumForm::with_pseudo_header;
};

enum class AdvertFault : std::uint8_t { short_packet, version, type, vrid, interval, length, checksum, count_ };
std::string_view name_of(AdvertFault fault);

std::vector<std::uint8_t> encode(const Advert& advert, const IpAddress& source, const IpAddress& target);

// What follows the IP header, all of it. Nothing, with `fault` told, when it is not a sound advertisement.
std::optional<Advert> decode_advert(std::span<const std::uint8_t> bytes, const IpAddress& source, const IpAddress& target,
                                    AdvertFault& fault);

IpAddress vrrp_group(Family family);  // 224.0.0.18, ff02::12

}  // namespace tandem::ha
