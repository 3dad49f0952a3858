// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "controlplane/config/device.h"
#include "controlplane/config/lan.h"
#include "controlplane/config/validate.h"
#include "dataplane/model/generation.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

std::string path_of_port(std::size_t index) { return "port[" + std::to_string(index) + "]"; }

std::string core_list(const std::vector<unsigned>& cores) {
  std::string text;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    const std::size_t first = i;
    while (i + 1 < cores.size() && cores[i + 1] == cores[i] + 1) ++i;
    text.append(text.empty() ? "" : ",").append(std::to_string(cores[first]));
    if (i > first) text.append("-").append(std::to_string(cores[i]));
  }
  return text;
}

void judge_mac(const Judge& judge, const MacAddress& mac, const std::string& path) {
  if (!mac.is_multicast() && !mac.is_zero()) return;
  judge.complain(
      Code::mac_unusable, path,
      to_string(mac) + (mac.is_zero() ? " is no station's address" : " is a multicast address; a single station's has an even first byte"));
}

// What one port says in itself.
class PortJudge {
 public:
  PortJudge(const Judge& judge, const Port& port, std::string path) : judge_{judge}, port_{port}, path_{std::move(path)} {}

  void run() const {
    if (port_.mac) judge_mac(judge_, *port_.mac, path_ + ".mac");
    for (const auto& [address, mac] : port_.neighbour) judge_mac(judge_, mac, path_ + ".neighbour/" + to_string(address));
    judge_addresses();
    judge_routes();
    judge_vlans();
    judge_twin();
  }

 private:
  bool is_on_link(const IpAddress& address) const {
    return std::any_of(port_.address.begin(), port_.address.end(), [&](const Prefix& own) { return own.contains(address); });
  }

  void judge_addresses() const {
    for (std::size_t i = 0; i < port_.address.size(); ++i) {
      const std::string_view reason = unusable_reason(port_.address[i].address);
      if (reason.empty()) continue;
      judge_.complain(Code::address_unusable, path_ + ".address[" + std::to_string(i) + "]",
                      to_string(port_.address[i]) + " is " + std::string{reason});
    }
    for (std::size_t i = 0; i < port_.address.size(); ++i) {
      const std::uint16_t vlan = port_.address[i].vlan;
      if (vlan != 0 && std::find(port_.vlan.begin(), port_.vlan.end(), vlan) == port_.vlan.end())
        judge_.complain(Code::lan_absent, path_ + ".address[" + std::to_string(i) + "]",
                        "port " + quoted(port_.name) + " does not serve VLAN " + std::to_string(vlan));
    }
  }

  void judge_routes() const {
    for (const auto& [network, gateway] : port_.route) {
      const std::string path = path_ + ".route/" + to_string(network);
      if (network.address.family != gateway.family) {
        judge_.complain(Code::family_differs, path,
                        "the route to " + to_string(network) + " cannot go by " + to_string(gateway) + ", which is of the other family");
      } else if (!is_on_link(gateway)) {
        judge_.complain(Code::gateway_unreachable, path,
                        "gateway " + to_string(gateway) + " is in no prefix of port " + quoted(port_.name));
      }
    }
  }

  void judge_vlans() const {
    std::set<std::uint16_t> seen;
    for (std::size_t i = 0; i < port_.vlan.size(); ++i) {
      if (seen.insert(port_.vlan[i]).second) continue;
      judge_.complain(Code::value_repeated, path_ + ".vlan[" + std::to_string(i) + "]",
                      "VLAN " + std::to_string(port_.vlan[i]) + " is given twice");
    }
  }

  void judge_twin() const {
    const auto form = parse_device_form(port_.device);
    if (!form || !has_kernel_twin(form->kind)) return;
    for (const auto& [key, given] : {std::pair{"address", !port_.address.empty()}, std::pair{"neighbour", !port_.neighbour.empty()},
                                     std::pair{"route", !port_.route.empty()}}) {
      if (given)
        judge_.complain(
            Code::twin_has_addresses, path_ + "." + key,
            std::string{key} + " is meant for ports without a kernel twin; what the kernel says of " + port_.device + " counts too");
    }
  }

  const Judge& judge_;
  const Port& port_;
  std::string path_;
};

void judge_names(const Judge& judge) {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < judge.config.port.size(); ++i) {
    const std::string& name = judge.config.port[i].name;
    if (name.empty()) continue;
    const auto [first, fresh] = names.emplace(name, i);
    if (!fresh)
      judge.complain(Code::duplicate_name, path_of_port(i) + ".name",
                     "there is a port " + quoted(name) + " already" + judge.line_of(path_of_port(first->second) + ".name"));
  }
}

// Two ports over one device would take each other's packets, or not open at all.
void judge_devices(const Judge& judge) {
  std::map<std::string, std::size_t> devices, interfaces;
  for (std::size_t i = 0; i < judge.config.port.size(); ++i) {
    const std::string& device = judge.config.port[i].device;
    const auto form = parse_device_form(device);
    if (!form || form->kind == DeviceKind::null) continue;
    const auto [same, fresh] = devices.emplace(device, i);
    const auto other = form->interface.empty() ? interfaces.end() : interfaces.emplace(form->interface, i).first;
    const auto already = [&](std::size_t user) {
      return " is already used by port " + quoted(judge.config.port[user].name) + judge.line_of(path_of_port(user) + ".device");
    };
    if (!fresh) {
      judge.complain(Code::device_repeated, path_of_port(i) + ".device", device + already(same->second));
    } else if (other != interfaces.end() && other->second != i) {
      judge.complain(Code::interface_shared, path_of_port(i) + ".device", "interface " + form->interface + already(other->second));
    }
  }
}

void judge_own_addresses(const Judge& judge) {
  std::set<IpAddress> seen;
  for (std::size_t i = 0; i < judge.config.port.size(); ++i) {
    const auto& addresses = judge.config.port[i].address;
    for (std::size_t j = 0; j < addresses.size(); ++j) {
      if (seen.insert(addresses[j].address).second) continue;
      judge.complain(Code::value_repeated, path_of_port(i) + ".address[" + std::to_string(j) + "]",
                     "address " + to_string(addresses[j].address) + " is given twice");
    }
  }
}

}  // namespace

void validate_dataplane(const Judge& judge) {
  const Dataplane& dataplane = judge.config.dataplane;
  const std::vector<unsigned>& known = judge.machine.cores;
  if (!dataplane.cores.empty() && dataplane.workers) {
    judge.complain(Code::cores_and_workers, "dataplane.workers",
                   "workers and cores exclude each other: with cores there is one worker for each");
  }
  if (dataplane.cores.size() > kMaxWorkers) {
    judge.complain(Code::too_many, "dataplane.cores",
                   std::to_string(dataplane.cores.size()) + " cores; at most " + std::to_string(kMaxWorkers) + " workers can run");
  }
  std::set<unsigned> seen;
  for (std::size_t i = 0; i < dataplane.cores.size(); ++i) {
    const unsigned core = dataplane.cores[i];
    const std::string path = "dataplane.cores[" + std::to_string(i) + "]";
    if (!seen.insert(core).second) {
      judge.complain(Code::core_repeated, path, "core " + std::to_string(core) + " is given twice");
    } else if (!known.empty() && std::find(known.begin(), known.end(), core) == known.end()) {
      judge.complain(Code::core_absent, path, "core " + std::to_string(core) + " cannot be used here; there are " + core_list(known));
    }
  }
}

void validate_ports(const Judge& judge) {
  const auto& ports = judge.config.port;
  if (ports.empty() && !judge.reading.report.has(Code::wrong_shape))
    judge.complain(Code::no_ports, "", "there is no [[port]]: no packet can come or go");
  if (ports.size() > kMaxPorts)
    judge.complain(Code::too_many, path_of_port(kMaxPorts),
                   std::to_string(ports.size()) + " ports; at most " + std::to_string(kMaxPorts) + " can be used");
  judge_names(judge);
  judge_devices(judge);
  judge_own_addresses(judge);
  for (std::size_t i = 0; i < ports.size(); ++i) PortJudge{judge, ports[i], path_of_port(i)}.run();
}

}  // namespace tandem::config
