// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/device.h"

#include <algorithm>
#include <array>

#include "controlplane/config/suggest.h"

namespace tandem::config {
namespace {

struct NamedKind {
  std::string_view name;
  DeviceKind kind;
};
constexpr std::array<NamedKind, 9> kKinds{{{"af_packet", DeviceKind::af_packet},
                                           {"af_xdp", DeviceKind::af_xdp},
                                           {"tap", DeviceKind::tap},
                                           {"memif", DeviceKind::memif},
                                           {"virtio_user", DeviceKind::virtio_user},
                                           {"vhost", DeviceKind::vhost},
                                           {"bonding", DeviceKind::bonding},
                                           {"pcap", DeviceKind::pcap},
                                           {"null", DeviceKind::null}}};

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  std::string message{"'"};
  message.append(text.substr(0, 64)).append(text.size() > 64 ? "…' " : "' ").append(why);
  return fail(std::move(message));
}

bool is_hex(std::string_view text, std::size_t least, std::size_t most) {
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return text.size() >= least && text.size() <= most && std::all_of(text.begin(), text.end(), digit);
}

// "0000:3b:00.0", or without the domain "3b:00.0".
bool is_pci_address(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == text.npos || dot + 2 != text.size() || text.back() < '0' || text.back() > '7') return false;
  std::string_view rest = text.substr(0, dot);
  const std::size_t slot = rest.rfind(':');
  if (slot == rest.npos || !is_hex(rest.substr(slot + 1), 2, 2)) return false;
  rest = rest.substr(0, slot);
  const std::size_t bus = rest.rfind(':');
  return bus == rest.npos ? is_hex(rest, 2, 2) : is_hex(rest.substr(bus + 1), 2, 2) && is_hex(rest.substr(0, bus), 4, 8);
}

// The kernel's rule for names of interfaces (dev_valid_name), and no comma, which would end the name for DPDK.
bool is_interface(std::string_view text) {
  const auto allowed = [](char c) { return c > ' ' && c != '/' && c != ':' && c != ',' && c != 0x7f; };
  return !text.empty() && text.size() < 16 && text != "." && text != ".." && std::all_of(text.begin(), text.end(), allowed);
}

// Any driver of DPDK that makes a device of its own: "net_bonding0,mode=4", "virtio_user0,path=…".
bool is_vdev(std::string_view text) {
  return text.starts_with("net_") || (text.starts_with("virtio_user") && !text.starts_with("virtio_user:"));
}

// "net_af_xdp0,iface=eth1" takes an interface as af_xdp:eth1 does.
std::string interface_of_vdev(std::string_view text) {
  constexpr std::string_view kKey = ",iface=";
  const std::size_t at = text.find(kKey);
  if (at == text.npos) return {};
  const std::string_view rest = text.substr(at + kKey.size());
  return std::string{rest.substr(0, rest.find(','))};
}

bool is_socket(std::string_view argument, std::string_view other_role) {
  const std::size_t comma = argument.find(',');
  return argument.starts_with('/') && (comma == argument.npos || argument.substr(comma + 1) == other_role);
}

// "lacp,0000:3b:00.0,0000:3b:00.1"; members of other kinds are judged when the port is opened.
Result<DeviceForm> judge_bond(std::string_view text, DeviceForm form) {
  std::string_view rest = form.argument;
  const std::string_view mode = rest.substr(0, rest.find(','));
  if (mode != "lacp" && mode != "active-backup" && mode != "balance-xor")
    return refuse(text, "needs a mode behind the colon (lacp, active-backup, balance-xor), as in bonding:lacp,0000:3b:00.0,0000:3b:00.1");
  if (mode.size() == rest.size()) return refuse(text, "has no members behind its mode, as in bonding:lacp,0000:3b:00.0,0000:3b:00.1");
  while (rest.find(',') != rest.npos) {
    rest.remove_prefix(rest.find(',') + 1);
    const std::string_view member = rest.substr(0, rest.find(','));
    if (!is_pci_address(member) && member != "null" && !member.starts_with("tap:"))
      return refuse(text, "bonds what is no PCI address (for trials also tap:NAME, null); kernel interfaces are bonded in the kernel");
  }
  return form;
}

Result<DeviceForm> judge_argument(std::string_view text, DeviceForm form) {
  const std::size_t comma = form.argument.find(',');
  switch (form.kind) {
    case DeviceKind::af_packet:
    case DeviceKind::af_xdp:
    case DeviceKind::tap:
      if (!is_interface(form.argument)) return refuse(text, "needs a name of at most 15 characters behind the colon, as in af_xdp:eth1");
      if (form.kind != DeviceKind::tap) form.interface = form.argument;
      return form;
    case DeviceKind::memif:
      if (!form.argument.starts_with('/')) return refuse(text, "needs the path of a socket, as in memif:/run/m.sock");
      if (comma != form.argument.npos && form.argument.substr(comma) != ",client")
        return refuse(text, "may end in ,client and in nothing else");
      return form;
    case DeviceKind::virtio_user:
      if (!is_socket(form.argument, "server")) return refuse(text, "needs the path of a socket, as in virtio_user:/run/v.sock[,server]");
      return form;
    case DeviceKind::vhost:
      if (!is_socket(form.argument, "client")) return refuse(text, "needs the path of a socket, as in vhost:/run/v.sock[,client]");
      return form;
    case DeviceKind::bonding:
      return judge_bond(text, std::move(form));
    case DeviceKind::pcap:
      if (comma == form.argument.npos || comma == 0 || comma + 1 == form.argument.size())
        return refuse(text, "needs two files, as in pcap:in.pcap,out.pcap");
      return form;
    default:
      return form;
  }
}

}  // namespace

Result<DeviceForm> parse_device_form(std::string_view text) {
  if (is_pci_address(text)) return DeviceForm{DeviceKind::pci, std::string{text}, {}};
  if (is_vdev(text)) return DeviceForm{DeviceKind::vdev, std::string{text}, interface_of_vdev(text)};
  if (text == "null") return DeviceForm{DeviceKind::null, {}, {}};
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto known = std::find_if(kKinds.begin(), kKinds.end(), [name](const NamedKind& kind) { return kind.name == name; });
  if (known != kKinds.end() && known->kind != DeviceKind::null && colon != text.npos) {
    return judge_argument(text, {known->kind, std::string{text.substr(colon + 1)}, {}});
  }
  std::array<std::string_view, kKinds.size()> names;
  std::transform(kKinds.begin(), kKinds.end(), names.begin(), [](const NamedKind& kind) { return kind.name; });
  const std::string hint = did_you_mean(name, names);
  constexpr std::string_view kExpected =
      "is not a device; expected a PCI address, af_packet:IF, af_xdp:IF, tap:NAME, memif:SOCKET, virtio_user:SOCKET, vhost:SOCKET, "
      "bonding:MODE,MEMBER…, pcap:IN,OUT, null, or a vdev as in net_tap0";
  return refuse(text, hint.empty() || known != kKinds.end() ? std::string{kExpected} : "is not a device; " + hint);
}

Result<std::string> parse_device_text(std::string_view text) {
  return parse_device_form(text).map([text](const DeviceForm&) { return std::string{text}; });
}

bool has_kernel_twin(DeviceKind kind) {
  return kind == DeviceKind::pci || kind == DeviceKind::bonding || kind == DeviceKind::af_packet || kind == DeviceKind::af_xdp ||
         kind == DeviceKind::tap;
}

}  // namespace tandem::config
