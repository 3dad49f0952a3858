// SPDX-License-Identifier: Apache-2.0
// Ports of a service's backends against those that it listens on.
#include <algorithm>
#include <map>

#include "controlplane/config/service_judge.h"
#include "controlplane/config/units.h"

namespace tandem::config {

// One-way methods change no port, so a backend that names one names the only one.
void ServiceJudge::judge_kept_port(const Backend& backend, const std::string& path) const {
  if (!is_one_way(service_.forwarding) || backend.address.port == 0) return;
  const auto differs = [&](const Listen& listen) { return listen.ports() != PortRange{backend.address.port, 0}; };
  const auto listen = std::ranges::find_if(service_.listen, differs);
  if (listen == service_.listen.end()) return;
  const std::string wanted = listen->ports().is_one() ? "use port " + std::to_string(listen->port) : "name no port";
  const std::string_view why = listen->ports().is_one() ? " does: " : " has several: ";
  judge_.complain(Code::port_differs, path,
                  named(backend) + " must " + wanted + " as " + to_string(*listen) + std::string{why} + word_for(service_.forwarding) +
                      " changes no port");
}

void ServiceJudge::judge_check_port() const {
  if (service_.check.port) return;
  const bool udp = std::ranges::any_of(service_.listen, [](const Listen& listen) { return listen.protocol == Protocol::udp; });
  if (udp) {
    judge_.complain(Code::udp_check_without_port, path_ + ".check",
                    "a check over TCP of a UDP service needs check.port: the TCP port to ask");
    return;
  }
  const bool one_port = service_.listen.empty() || service_.listen.front().ports().is_one();
  const auto open = std::ranges::find_if(service_.backend, [](const Backend& each) { return each.address.port == 0; });
  if (one_port || open == service_.backend.end() || open->address == Endpoint{}) return;
  judge_.complain(Code::udp_check_without_port, path_ + ".check",
                  named(*open) + " has whatever port its client asks for, so its check needs check.port: the port to ask");
}

// Only full-nat hides a client's address; and both ways of telling it are TCP's.
void ServiceJudge::judge_client_address() const {
  if (service_.client_address == ClientAddress::none) return;
  const std::string path = path_ + ".client_address";
  if (service_.forwarding != ForwardingMethod::full_nat)
    return judge_.complain(Code::client_address_unfit, path,
                           "client_address is full-nat's: with the other methods the packets say it themselves");
  const auto udp = std::ranges::find(service_.listen, Protocol::udp, &Listen::protocol);
  if (udp != service_.listen.end())
    judge_.complain(Code::client_address_unfit, path,
                    "client_address is for TCP alone, and " + to_string(*udp) + " is not; expected a service of its own for UDP");
}

// One without a port stands at all of them.
void ServiceJudge::judge_places() const {
  std::map<IpAddress, std::map<std::uint16_t, std::size_t>> ports_at;
  for (std::size_t i = 0; i < service_.backend.size(); ++i) {
    const Backend& backend = service_.backend[i];
    if (backend.address == Endpoint{}) continue;
    auto& ports = ports_at[backend.address.address];
    auto same = ports.find(backend.address.port);
    if (same == ports.end() && !ports.empty() && (backend.address.port == 0 || ports.begin()->first == 0)) same = ports.begin();
    if (same != ports.end()) {
      judge_.complain(Code::backend_repeated, backend_path(i) + ".address",
                      show_backend_address(backend.address) + " is already " + named(service_.backend[same->second]) +
                          judge_.line_of(backend_path(same->second) + ".address"));
    }
    ports.emplace(backend.address.port, i);
  }
}

}  // namespace tandem::config
