// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/service_judge.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "controlplane/config/device.h"
#include "controlplane/config/units.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

// A backend whose address was refused while reading has none.
bool has_address(const Backend& backend) { return backend.address != Endpoint{}; }

std::string_view family_name(Family family) { return family == Family::ipv4 ? "IPv4" : "IPv6"; }

// As far as the file can show: one of its prefixes holds both, or they share a /24 or /64.
bool on_one_lan(const Config& config, const IpAddress& a, const IpAddress& b) {
  for (const Port& port : config.port) {
    for (const Prefix& own : port.address) {
      if (own.contains(a) && own.contains(b)) return true;
    }
  }
  return Prefix{a, a.family == Family::ipv4 ? std::uint8_t{24} : std::uint8_t{64}}.contains(b);
}

bool is_reached_by(const Port& port, const IpAddress& address) {
  const bool on_link = std::any_of(port.address.begin(), port.address.end(), [&](const Prefix& own) { return own.contains(address); });
  return on_link || std::any_of(port.route.begin(), port.route.end(), [&](const auto& route) { return route.first.contains(address); });
}

bool knows_all_its_ways(const Config& config) {
  return !config.port.empty() && std::all_of(config.port.begin(), config.port.end(), [](const Port& port) {
    const auto form = parse_device_form(port.device);
    return form && form->kind != DeviceKind::vdev && !has_kernel_twin(form->kind);
  });
}

}  // namespace

std::string ServiceJudge::named(const Backend& backend) const {
  return "backend " + quoted(backend.name) + " of service " + quoted(service_.name);
}

void ServiceJudge::run() const {
  judge_listens();
  judge_backends();
  judge_tunnel();
  judge_pool();
  judge_client_address();
  judge_repetitions();
  judge_shares();
  judge_slow_start();
  judge_check();
  judge_clients();
}

void ServiceJudge::judge_listens() const {
  for (std::size_t i = 0; i < service_.listen.size(); ++i) {
    const std::string_view reason = unusable_reason(service_.listen[i].address);
    if (reason.empty()) continue;
    judge_.complain(Code::address_unusable, path_ + ".listen[" + std::to_string(i) + "]",
                    to_string(service_.listen[i].address) + " is " + std::string{reason} + " and cannot be a VIP");
  }
}

void ServiceJudge::judge_backends() const {
  for (std::size_t i = 0; i < service_.backend.size(); ++i) {
    const Backend& backend = service_.backend[i];
    const std::string path = backend_path(i) + ".address";
    if (!has_address(backend)) continue;
    if (const std::string_view reason = unusable_reason(backend.address.address); !reason.empty()) {
      judge_.complain(Code::address_unusable, path,
                      to_string(backend.address.address) + " is " + std::string{reason} + " and cannot be a backend");
    } else {
      judge_backend(backend, path);
      judge_reach(backend, path);
    }
  }
  if (service_.backend.empty())
    judge_.complain(Code::no_backends, path_, "service " + quoted(service_.name) + " has no backends: its connections go nowhere");
}

// nat keeps the client's address, so both ends are of one family; l2-dsr keeps everything behind the Ethernet header. A tunnel keeps
// everything, and full-nat nothing.
void ServiceJudge::judge_backend(const Backend& backend, const std::string& path) const {
  for (const Listen& listen : service_.listen) {
    const bool keeps_family = service_.forwarding == ForwardingMethod::nat || service_.forwarding == ForwardingMethod::l2_dsr;
    if (backend.address.address.family != listen.address.family && keeps_family) {
      judge_.complain(Code::family_differs, path,
                      named(backend) + " is " + std::string{family_name(backend.address.address.family)} + ", but " + to_string(listen) +
                          " is " + std::string{family_name(listen.address.family)} + "; expected a service of its own for each family");
      return;
    }
  }
  judge_kept_port(backend, path);
}

// Nothing of ours could stand there: a backend takes what comes from anybody, but its network should know the addresses.
void ServiceJudge::judge_tunnel() const {
  if (!is_tunnelled(service_.forwarding)) return;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const auto is_of = [&](const auto& at) { return at.address.family == family; };
    const bool wanted =
        std::ranges::any_of(service_.backend, [&](const Backend& each) { return has_address(each) && is_of(each.address); });
    if (!wanted || std::ranges::any_of(service_.tunnel_source, is_of)) continue;
    judge_.complain(Code::missing_key, path_ + ".forwarding",
                    std::string{word_for(service_.forwarding)} + " needs tunnel_source: the " + std::string{family_name(family)} +
                        " prefix that packets to the backends come from, e.g. " +
                        (family == Family::ipv4 ? "\"198.51.100.0/24\"" : "\"2001:db8:100::/64\""));
  }
}

// Its group's pool, or the node's where it has none, which the pair's file alone does not tell.
void ServiceJudge::judge_pool() const {
  if (service_.forwarding != ForwardingMethod::full_nat || (service_.group.empty() && judge_.part != Part::whole)) return;
  const auto group = std::ranges::find(judge_.config.group, service_.group, &Group::name);
  if (!service_.group.empty() && group == judge_.config.group.end()) return;  // told already
  const std::vector<IpAddress>& pool = service_.group.empty() ? judge_.config.node.pool : group->pool;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const auto wants = [&](const Backend& each) { return has_address(each) && each.address.address.family == family; };
    if (std::ranges::none_of(service_.backend, wants) || std::ranges::find(pool, family, &IpAddress::family) != pool.end()) continue;
    judge_.complain(Code::missing_key, path_ + ".forwarding",
                    "full-nat needs " + (service_.group.empty() ? std::string{"[node] pool"} : "pool of group " + quoted(service_.group)) +
                        ": " + std::string{family_name(family)} + " addresses that its backends see as their clients");
  }
}

void ServiceJudge::judge_reach(const Backend& backend, const std::string& path) const {
  const auto& ports = judge_.config.port;
  if (!knows_all_its_ways(judge_.config)) return;
  if (std::any_of(ports.begin(), ports.end(), [&](const Port& port) { return is_reached_by(port, backend.address.address); })) return;
  judge_.complain(Code::backend_unreachable, path, named(backend) + " is in no prefix and no route of any port");
}

void ServiceJudge::judge_repetitions() const {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < service_.backend.size(); ++i) {
    const Backend& backend = service_.backend[i];
    const auto [same_name, fresh_name] = names.emplace(backend.name, i);
    if (!fresh_name && !backend.name.empty()) {
      judge_.complain(Code::duplicate_name, backend_path(i) + ".name",
                      "service " + quoted(service_.name) + " has a backend " + quoted(backend.name) + " already" +
                          judge_.line_of(backend_path(same_name->second) + ".name"));
    }
  }
  judge_places();
}

// A share of a few slots is far from what its weight says (design.md, schedulers).
void ServiceJudge::judge_shares() const {
  constexpr std::size_t kSlots = 65537, kFewest = 4;
  const auto& backends = service_.backend;
  const std::size_t all =
      std::accumulate(backends.begin(), backends.end(), std::size_t{0}, [](std::size_t sum, const Backend& b) { return sum + b.weight; });
  if (all == 0 && !backends.empty())
    judge_.complain(Code::no_weight, path_,
                    "all backends of service " + quoted(service_.name) + " have weight 0: nobody takes new connections");
  for (std::size_t i = 0; i < backends.size(); ++i) {
    if (backends[i].weight == 0 || kSlots * backends[i].weight / all >= kFewest) continue;
    judge_.complain(Code::share_too_small, backend_path(i) + ".weight",
                    named(backends[i]) + " would get " + std::to_string(kSlots * backends[i].weight / all) + " of " +
                        std::to_string(kSlots) + " slots (weight " + std::to_string(backends[i].weight) + " of " + std::to_string(all) +
                        "); at least " + std::to_string(kFewest) + " are needed");
  }
}

// Who gets a connection there follows from the connection alone: a share that grows would have to move flows or clients, which is
// what these two are chosen to avoid.
void ServiceJudge::judge_slow_start() const {
  const bool by_hash = service_.scheduler == SchedulerKind::maglev || service_.scheduler == SchedulerKind::source_hash;
  if (!by_hash || service_.slow_start.count() == 0) return;
  judge_.complain(Code::slow_start_without_shares, path_ + ".slow_start",
                  std::string{"slow_start needs a scheduler that can give less than a share for a while: consistent-round-robin, "
                              "round-robin or least-connections, not "} +
                      (service_.scheduler == SchedulerKind::maglev ? "maglev" : "source-hash"));
}

void ServiceJudge::judge_check() const {
  const Check& check = service_.check;
  if (check.type == CheckType::none) {
    if (service_.backend.size() > 1)
      judge_.complain(Code::no_check, path_, "service " + quoted(service_.name) + " has no check: a dead backend keeps its share");
    return;
  }
  if (check.timeout >= check.interval) {
    judge_.complain(Code::slow_timeout, path_ + ".check.timeout",
                    "a timeout of " + format_duration(check.timeout) + " is not below the interval of " + format_duration(check.interval) +
                        ": checks come later than it says");
  }
  judge_check_port();
}

// Servers that ask a VIP on their own LAN get the answer straight from the backend, past us (ha.md, traffic model).
void ServiceJudge::judge_clients() const {
  if (service_.forwarding != ForwardingMethod::nat) return;
  for (std::size_t i = 0; i < service_.listen.size(); ++i) {
    const IpAddress& vip = service_.listen[i].address;
    const auto beside = std::find_if(service_.backend.begin(), service_.backend.end(), [&](const Backend& backend) {
      return has_address(backend) && backend.address.address != vip && on_one_lan(judge_.config, vip, backend.address.address);
    });
    if (beside == service_.backend.end()) continue;
    judge_.complain(Code::client_is_backend, path_ + ".listen[" + std::to_string(i) + "]",
                    to_string(vip) + " is on the LAN of " + named(*beside) +
                        ": clients on that LAN, other backends too, get answers past nat and fail");
    return;
  }
}

}  // namespace tandem::config
