// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/pcapng.h"

#include <cstring>

namespace tandem::pcapng {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a, kInterfaceDescription = 1, kEnhancedPacket = 6, kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint16_t kEnd = 0, kComment = 1, kUserApplication = 4, kInterfaceName = 2, kInterfaceText = 3, kTimeResolution = 9,
                        kPacketFlags = 2;
constexpr std::uint16_t kEthernet = 1;                // LINKTYPE_ETHERNET
constexpr std::uint8_t kNanoseconds = 9;              // if_tsresol: 10^-9
constexpr std::uint32_t kInbound = 1, kOutbound = 2;  // epb_flags, 4.3.1
constexpr std::int64_t kSectionLengthUnknown = -1;

template <typename T>
void append(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);  // in this machine's order, which the byte-order magic tells
  out.append(bytes, sizeof bytes);
}

void pad(std::string& out) { out.append((4 - out.size() % 4) % 4, '\0'); }

void append_option(std::string& out, std::uint16_t code, std::string_view value) {
  append(out, code), append(out, static_cast<std::uint16_t>(value.size()));
  out += value;
  pad(out);
}

std::string block(std::uint32_t type, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  std::string out;
  append(out, type), append(out, length);
  out += body;
  append(out, length);
  return out;
}

std::string comment_of(const CaptureHead& head) {
  std::string out{kTapPointNames[static_cast<std::size_t>(head.point)]};
  if (head.reason < DropReason::count_) out += ": " + std::string{kDropReasonTexts[static_cast<std::size_t>(head.reason)].name};
  return out + ", worker " + std::to_string(index(head.worker));
}

std::string interface_block(const Interface& interface, std::uint32_t snap_bytes) {
  std::string body;
  append(body, kEthernet), append(body, std::uint16_t{0}), append(body, snap_bytes);
  append_option(body, kInterfaceName, interface.name);
  if (!interface.text.empty()) append_option(body, kInterfaceText, interface.text);
  append_option(body, kTimeResolution, std::string(1, static_cast<char>(kNanoseconds)));
  append_option(body, kEnd, "");
  return block(kInterfaceDescription, body);
}

}  // namespace

std::string section(const std::string& application, const std::vector<Interface>& interfaces, std::uint32_t snap_bytes) {
  std::string body;
  append(body, kByteOrderMagic), append(body, std::uint16_t{1}), append(body, std::uint16_t{0}), append(body, kSectionLengthUnknown);
  append_option(body, kUserApplication, application);
  append_option(body, kEnd, "");
  std::string out = block(kSectionHeader, body);
  for (const Interface& each : interfaces) out += interface_block(each, snap_bytes);
  return out;
}

std::string packet(const CaptureHead& head, std::span<const std::byte> bytes, std::uint32_t interface, std::int64_t wall_ns) {
  const auto time = static_cast<std::uint64_t>(wall_ns);
  std::string body;
  append(body, interface), append(body, static_cast<std::uint32_t>(time >> 32)), append(body, static_cast<std::uint32_t>(time));
  append(body, static_cast<std::uint32_t>(bytes.size())), append(body, head.frame_bytes);
  body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  pad(body);
  append_option(body, kComment, comment_of(head));
  std::string flags;
  append(flags, head.point == TapPoint::tx || head.point == TapPoint::punt ? kOutbound : kInbound);
  append_option(body, kPacketFlags, flags);
  append_option(body, kEnd, "");
  return block(kEnhancedPacket, body);
}

}  // namespace tandem::pcapng
