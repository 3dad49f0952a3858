// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/device.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "dataplane/io/bonding.h"

namespace tandem {

namespace {

constexpr std::size_t kInterfaceNameBytes = 15;  // IFNAMSIZ without its zero

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// DDDD:BB:DD.F, the domain may be missing. Empty when it is no PCI address.
std::string pci_address(std::string_view text) {
  std::string full{text};
  if (full.size() == 7) full = "0000:" + full;
  if (full.size() != 12 || full[4] != ':' || full[7] != ':' || full[10] != '.') return {};
  const std::string_view v = full;
  const bool digits = is_hex(v.substr(0, 4)) && is_hex(v.substr(5, 2)) && is_hex(v.substr(8, 2)) && v[11] >= '0' && v[11] <= '7';
  return digits ? full : std::string{};
}

Error wrong(std::string_view text, std::string_view why) { return Error{std::string{"'"}.append(text).append("' ").append(why)}; }

// DPDK splits device arguments at commas and reads brackets as lists, so a name with one would become something else.
bool fits_argument(std::string_view value) { return value.find_first_of(",=[]\"' \t") == std::string_view::npos; }

Result<Device> on_interface(DeviceKind kind, std::string_view name, std::string_view text) {
  if (name.empty()) return fail(wrong(text, "names no interface"));
  if (name.size() > kInterfaceNameBytes) return fail(wrong(text, "names an interface longer than 15 characters"));
  if (!fits_argument(name) || name.find('/') != std::string_view::npos) return fail(wrong(text, "is no interface name"));
  return Device{kind, std::string{name}, {}, false};
}

// A socket that one of two programs makes and the other connects to. virtio_user is a guest's side, so it connects unless told otherwise.
Result<Device> on_socket(DeviceKind kind, std::string_view rest, std::string_view text) {
  const std::size_t comma = rest.find(',');
  const std::string_view socket = rest.substr(0, comma), usual = kind == DeviceKind::virtio_user ? "client" : "server";
  const std::string_view role = comma == std::string_view::npos ? usual : rest.substr(comma + 1);
  if (socket.empty() || socket.front() != '/' || !fits_argument(socket)) return fail(wrong(text, "needs the full path of a socket"));
  if (role != "server" && role != "client") return fail(wrong(text, "may end in ',client' or ',server' alone"));
  return Device{kind, std::string{socket}, {}, role == "client"};
}

Result<Device> pcap(std::string_view rest, std::string_view text) {
  const std::size_t comma = rest.find(',');
  if (comma == std::string_view::npos) return fail(wrong(text, "needs two files: pcap:IN,OUT"));
  const std::string_view in = rest.substr(0, comma), out = rest.substr(comma + 1);
  if (in.empty() || out.empty()) return fail(wrong(text, "needs two files: pcap:IN,OUT"));
  if (!fits_argument(in) || !fits_argument(out)) return fail(wrong(text, "has a file name with a comma, blank, quote or bracket"));
  if (in == out) return fail(wrong(text, "reads and writes the same file"));
  return Device{DeviceKind::pcap, std::string{in}, std::string{out}, false};
}

Result<Device> raw_vdev(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return Device{DeviceKind::vdev, std::string{text}, {}, false};
  return Device{DeviceKind::vdev, std::string{text.substr(0, comma)}, std::string{text.substr(comma + 1)}, false};
}

struct Prefixed {
  std::string_view word;
  DeviceKind kind;
};
constexpr std::array<Prefixed, 8> kPrefixes{{{"af_packet", DeviceKind::af_packet},
                                             {"af_xdp", DeviceKind::af_xdp},
                                             {"tap", DeviceKind::tap},
                                             {"memif", DeviceKind::memif},
                                             {"virtio_user", DeviceKind::virtio_user},
                                             {"vhost", DeviceKind::vhost},
                                             {"bonding", DeviceKind::bonding},
                                             {"pcap", DeviceKind::pcap}}};

Result<Device> prefixed(DeviceKind kind, std::string_view rest, std::string_view text) {
  switch (kind) {
    case DeviceKind::memif:
    case DeviceKind::virtio_user:
    case DeviceKind::vhost:
      return on_socket(kind, rest, text);
    case DeviceKind::bonding:
      return parse_bonding(rest, text);
    case DeviceKind::pcap:
      return pcap(rest, text);
    default:
      return on_interface(kind, rest, text);
  }
}

std::string virtio_arguments(const Device& device, const DeviceRequest& request) {
  return "path=" + device.target + ",queues=" + std::to_string(request.queues) + ",queue_size=" + std::to_string(kVirtioDescriptors) +
         (device.client ? "" : ",server=1");
}

std::string vhost_arguments(const Device& device, const DeviceRequest& request) {
  return "iface=" + device.target + ",queues=" + std::to_string(request.queues) + (device.client ? ",client=1" : "");
}

std::string memif_arguments(const Device& device) {
  return std::string{device.client ? "role=client" : "role=server"} + ",socket=" + device.target +
         ",socket-abstract=no,rsize=11,bsize=2048";
}

std::string packet_arguments(const Device& device, const DeviceRequest& request) {
  const std::uint32_t slot = packet_ring_slot_bytes(request.mtu_bytes);
  return "iface=" + device.target + ",qpairs=" + std::to_string(request.queues) + ",framesz=" + std::to_string(slot) +
         ",blocksz=" + std::to_string(4 * slot) + ",framecnt=" + std::to_string(kPacketRingSlots);
}

std::string xdp_arguments(const Device& device, const DeviceRequest& request) {
  std::string text = "iface=" + device.target + ",start_queue=0,queue_count=" + std::to_string(request.queues);
  if (!request.steering_program.empty()) text += ",xdp_prog=" + request.steering_program;
  return text;
}

}  // namespace

Result<Device> parse_device(std::string_view text) {
  if (text == "null") return Device{DeviceKind::null, "null", {}, false};
  if (std::string address = pci_address(text); !address.empty()) return Device{DeviceKind::pci, std::move(address), {}, false};
  const std::size_t colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  const auto known = std::find_if(kPrefixes.begin(), kPrefixes.end(), [&](const Prefixed& p) { return p.word == word; });
  if (colon != std::string_view::npos && known != kPrefixes.end()) return prefixed(known->kind, text.substr(colon + 1), text);
  if (text.starts_with("net_") || text.starts_with("eth_") || text.starts_with("virtio_user")) return raw_vdev(text);
  return fail(
      wrong(text,
            "is no device: expected a PCI address, af_packet:IF, af_xdp:IF, tap:NAME, memif:SOCKET, virtio_user:SOCKET, vhost:SOCKET, "
            "bonding:MODE,MEMBER…, pcap:IN,OUT, null or net_…"));
}

TwinKind twin_of(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::af_packet:
      return TwinKind::copied;
    case DeviceKind::af_xdp:
      return TwinKind::steered;
    case DeviceKind::pci:
    case DeviceKind::bonding:
    case DeviceKind::tap:
      return TwinKind::tap;
    case DeviceKind::memif:
    case DeviceKind::virtio_user:
    case DeviceKind::vhost:
    case DeviceKind::pcap:
    case DeviceKind::null:
    case DeviceKind::vdev:
      break;
  }
  return TwinKind::none;
}

DeviceArguments arguments_of(const Device& device, const DeviceRequest& request) {
  const auto named = [&](std::string_view driver) { return std::string{driver} + std::to_string(request.port); };
  switch (device.kind) {
    case DeviceKind::pci:
      return {"pci", device.target, ""};
    case DeviceKind::af_packet:
      return {"vdev", named("net_af_packet"), packet_arguments(device, request)};
    case DeviceKind::af_xdp:
      return {"vdev", named("net_af_xdp"), xdp_arguments(device, request)};
    case DeviceKind::tap:
      return {"vdev", named("net_tap"), "iface=" + device.target};
    case DeviceKind::memif:
      return {"vdev", named("net_memif"), memif_arguments(device)};
    case DeviceKind::virtio_user:
      return {"vdev", named("net_virtio_user"), virtio_arguments(device, request)};
    case DeviceKind::vhost:
      return {"vdev", named("net_vhost"), vhost_arguments(device, request)};
    case DeviceKind::bonding:
      return {"vdev", named("net_bonding"), bonding_arguments(device, request.members)};
    case DeviceKind::pcap:
      return {"vdev", named("net_pcap"), "rx_pcap=" + device.target + ",tx_pcap=" + device.second};
    case DeviceKind::null:
      return {"vdev", named("net_null"), "no-rx=1"};
    case DeviceKind::vdev:
      break;
  }
  return {"vdev", device.target, device.second};
}

std::uint32_t packet_ring_slot_bytes(std::uint16_t mtu_bytes) {
  // 14 + 4 (a tag may come back in) of Ethernet and 52 + 16 of the ring's own header (TPACKET2_HDRLEN, alignment).
  const std::uint32_t needed = std::uint32_t{mtu_bytes} + 18 + 68;
  return std::max<std::uint32_t>((needed + 1023) / 1024 * 1024, 2048);
}

}  // namespace tandem
