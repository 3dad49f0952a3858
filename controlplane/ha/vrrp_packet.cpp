// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/vrrp_packet.h"

#include <algorithm>
#include <cstring>

#include "common/net/byte_order.h"
#include "common/net/checksum.h"

namespace tandem::ha {
namespace {

constexpr std::uint8_t kVersion3Advert = 0x31;
constexpr std::uint16_t kIntervalMask = 0x0fff;
constexpr std::chrono::milliseconds kCentisecond{10};
constexpr std::array<std::string_view, static_cast<std::size_t>(AdvertFault::count_)> kFaultNames{
    "short_packet", "version", "type", "vrid", "interval", "length", "checksum"};

struct [[gnu::packed]] Header {
  std::uint8_t version_type, vrid, priority, count;
  Be16 interval_cs, checksum;
};
static_assert(sizeof(Header) == kVrrpHeaderBytes);

std::size_t bytes_of(Family family) { return family == Family::ipv4 ? 4 : 16; }

const std::uint8_t* first_byte(const IpAddress& address) { return address.bytes.data() + (address.family == Family::ipv4 ? 12 : 0); }

IpAddress read_address(const std::uint8_t* at, Family family) {
  if (family == Family::ipv4) {
    Ipv4Address v4;
    std::memcpy(&v4, at, sizeof v4);
    return v4;
  }
  Ipv6Address v6;
  std::memcpy(v6.bytes.data(), at, v6.bytes.size());
  return v6;
}

Sum pseudo(const IpAddress& source, const IpAddress& target, std::size_t length) {
  return pseudo_header_sum(source, target, kVrrpProtocol, static_cast<std::uint32_t>(length));
}

// For IPv6 the pseudo-header is part of every upper-layer checksum (RFC 8200 8.1).
std::optional<ChecksumForm> form_of(std::span<const std::uint8_t> bytes, const IpAddress& source, const IpAddress& target) {
  const Sum own = sum_bytes(bytes.data(), bytes.size());
  if (fold(own + pseudo(source, target, bytes.size())) == 0xffff) return ChecksumForm::with_pseudo_header;
  if (source.family == Family::ipv4 && fold(own) == 0xffff) return ChecksumForm::without;
  return std::nullopt;
}

std::uint16_t centiseconds(std::chrono::milliseconds interval) {
  return static_cast<std::uint16_t>(std::clamp<long>(interval / kCentisecond, 1, kIntervalMask));
}

}  // namespace

std::string_view name_of(AdvertFault fault) { return kFaultNames[static_cast<std::size_t>(fault)]; }

std::vector<std::uint8_t> encode(const Advert& advert, const IpAddress& source, const IpAddress& target) {
  const std::size_t count = std::min(advert.addresses.size(), kMaxAdvertAddresses);
  const Header header{kVersion3Advert, advert.vrid, advert.priority, static_cast<std::uint8_t>(count), Be16{centiseconds(advert.interval)},
                      Be16{}};
  std::vector<std::uint8_t> out(sizeof header);
  std::memcpy(out.data(), &header, sizeof header);
  for (const IpAddress& address : std::span{advert.addresses}.first(count))
    out.insert(out.end(), first_byte(address), first_byte(address) + bytes_of(source.family));
  Sum sum = sum_bytes(out.data(), out.size());
  if (source.family == Family::ipv6 || advert.form == ChecksumForm::with_pseudo_header) sum += pseudo(source, target, out.size());
  const Be16 checksum = finish_checksum(sum);
  std::memcpy(out.data() + offsetof(Header, checksum), &checksum, sizeof checksum);
  return out;
}

std::optional<Advert> decode_advert(std::span<const std::uint8_t> bytes, const IpAddress& source, const IpAddress& target,
                                    AdvertFault& fault) {
  const auto refuse = [&](AdvertFault why) { return fault = why, std::optional<Advert>{}; };
  if (bytes.size() < sizeof(Header)) return refuse(AdvertFault::short_packet);
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.version_type >> 4 != 3) return refuse(AdvertFault::version);
  if ((header.version_type & 0x0f) != 1) return refuse(AdvertFault::type);
  if (header.vrid == 0) return refuse(AdvertFault::vrid);
  const std::uint16_t interval = header.interval_cs.host() & kIntervalMask;
  if (interval == 0) return refuse(AdvertFault::interval);
  const std::size_t each = bytes_of(source.family);
  if (bytes.size() != sizeof header + header.count * each) return refuse(AdvertFault::length);
  const std::optional<ChecksumForm> form = form_of(bytes, source, target);
  if (!form) return refuse(AdvertFault::checksum);
  Advert advert{header.vrid, header.priority, interval * kCentisecond, {}, *form};
  for (std::size_t i = 0; i < header.count; ++i)
    advert.addresses.push_back(read_address(bytes.data() + sizeof header + i * each, source.family));
  return advert;
}

IpAddress vrrp_group(Family family) {
  if (family == Family::ipv4) return Ipv4Address{Be32{0xe0000012}};
  return Ipv6Address{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}};
}

}  // namespace tandem::ha
