// SPDX-License-Identifier: Apache-2.0
// What groups say in themselves: names, VRIDs on LANs, and addresses that must be nobody else's.
#include <map>

#include "controlplane/config/lan.h"
#include "controlplane/config/validate.h"
#include "dataplane/model/group.h"
#include "dataplane/model/pool.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }
std::string path_of(const char* list, std::size_t place) { return std::string{list}.append("[").append(std::to_string(place)).append("]"); }
std::string path_of_group(std::size_t place) { return path_of("group", place); }

void judge_names(const Judge& judge) {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < judge.config.group.size(); ++i) {
    const std::string& name = judge.config.group[i].name;
    const auto [first, fresh] = names.emplace(name, i);
    if (fresh || name.empty()) continue;
    judge.complain(Code::duplicate_name, path_of_group(i) + ".name",
                   "there is a group " + quoted(name) + " already" + judge.line_of(path_of_group(first->second) + ".name"));
  }
}

// One VRID is one virtual router for both families: two groups with it would be one on the wire.
void judge_vrids(const Judge& judge) {
  std::map<std::pair<LanName, std::uint8_t>, std::size_t> taken;
  for (std::size_t i = 0; i < judge.config.group.size(); ++i) {
    for (const auto& [lan, vrid] : judge.config.group[i].vrid) {
      const std::string path = path_of_group(i) + ".vrid/" + to_string(lan);
      if (judge.part == Part::whole) judge_lan(judge, lan, path);
      const auto [first, fresh] = taken.emplace(std::pair{lan, vrid}, i);
      if (fresh) continue;
      judge.complain(Code::vrid_repeated, path,
                     "VRID " + std::to_string(vrid) + " on " + to_string(lan) + " is already used by group " +
                         quoted(judge.config.group[first->second].name) +
                         judge.line_of(path_of_group(first->second) + ".vrid/" + to_string(lan)));
    }
  }
}

struct Holder {
  std::string who, path;
};
using Holders = std::map<IpAddress, Holder>;

void add_own(const Config& config, Holders& taken) {
  for (std::size_t i = 0; i < config.port.size(); ++i) {
    const Port& port = config.port[i];
    for (const Prefix& own : port.address)
      taken.emplace(own.address, Holder{"the node's own address on port " + quoted(port.name), path_of("port", i) + ".address"});
    for (const PeerAddress& peer : port.peer_address)
      taken.emplace(peer.address, Holder{"the other node's address on port " + quoted(port.name), path_of("port", i) + ".peer_address"});
  }
}

void add_services(const Config& config, Holders& taken) {
  for (std::size_t i = 0; i < config.service.size(); ++i) {
    const Service& service = config.service[i];
    for (const Listen& listen : service.listen)
      if (listen.host_bits == 0)
        taken.emplace(listen.address, Holder{"a VIP of service " + quoted(service.name), path_of("service", i) + ".listen"});
    for (const Backend& backend : service.backend)
      taken.emplace(backend.address.address,
                    Holder{"backend " + quoted(backend.name) + " of service " + quoted(service.name), path_of("service", i) + ".backend"});
  }
}

class AddressJudge {
 public:
  explicit AddressJudge(const Judge& judge) : judge_{judge} { add_own(judge.config, taken_), add_services(judge.config, taken_); }

  void run() {
    judge_pool("the node", judge_.config.node.pool, "node.pool");
    for (std::size_t i = 0; i < judge_.config.group.size(); ++i) {
      const Group& group = judge_.config.group[i];
      for (std::size_t j = 0; j < group.gateway.size(); ++j)
        judge_gateway(group, group.gateway[j], path_of_group(i) + path_of(".gateway", j));
      judge_pool("group " + quoted(group.name), group.pool, path_of_group(i) + ".pool");
    }
  }

 private:
  void judge_gateway(const Group& group, const Prefix& gateway, const std::string& path) {
    if (is_no_host(gateway))
      return judge_.complain(Code::gateway_unusable, path,
                             to_string(gateway) + " is no host of its prefix; expected one as in 10.0.0.254/24");
    judge_address("group " + quoted(group.name), gateway.address, "a gateway", path);
  }

  // The nodes call a pool address by its last two bytes (docs/design/full-nat.md).
  void judge_pool(const std::string& owner, const std::vector<IpAddress>& pool, const std::string& path) {
    std::map<std::pair<Family, std::uint16_t>, IpAddress> tags;
    for (std::size_t j = 0; j < pool.size(); ++j) {
      judge_address(owner, pool[j], "a pool address", path_of(path.c_str(), j));
      const auto [first, fresh] = tags.emplace(std::pair{pool[j].family, pool_tag(pool[j])}, pool[j]);
      if (fresh || first->second == pool[j]) continue;
      judge_.complain(
          Code::gateway_unusable, path_of(path.c_str(), j),
          to_string(pool[j]) + " ends in the same two bytes as " + to_string(first->second) + ", by which the nodes tell them apart");
    }
  }

  // The network's own address and IPv4's directed broadcast; prefixes of one or two hosts have neither (RFC 3021, RFC 6164).
  static bool is_no_host(const Prefix& prefix) {
    if (prefix.length + 1U >= prefix.address.bits()) return false;
    if (prefix.address == prefix.network()) return true;
    if (prefix.address.family == Family::ipv6) return false;
    const std::uint32_t host_bits = ~std::uint32_t{0} >> prefix.length;
    return (prefix.address.v4().value.host() & host_bits) == host_bits;
  }

  void judge_address(const std::string& owner, const IpAddress& address, const std::string& what, const std::string& path) {
    if (const std::string_view reason = unusable_reason(address); !reason.empty())
      return judge_.complain(Code::address_unusable, path, to_string(address) + " is " + std::string{reason} + " and cannot be " + what);
    const auto [holder, fresh] = taken_.emplace(address, Holder{what + " of " + owner, path});
    if (fresh) return judge_prefixes(address, what, path);
    judge_.complain(Code::gateway_unusable, path,
                    to_string(address) + " is " + holder->second.who + judge_.line_of(holder->second.path) + " and cannot be " + what);
  }

  void judge_prefixes(const IpAddress& address, const std::string& what, const std::string& path) const {
    for (const Service& service : judge_.config.service)
      for (const Listen& listen : service.listen)
        if (listen.host_bits != 0 && listen.prefix().contains(address))
          return judge_.complain(Code::gateway_unusable, path,
                                 to_string(address) + " is a VIP of service " + quoted(service.name) + ", which has all of " +
                                     to_string(listen.prefix()) + ", and cannot be " + what);
  }

  const Judge& judge_;
  Holders taken_;
};

}  // namespace

void validate_groups(const Judge& judge) {
  const std::size_t groups = judge.config.group.size();
  if (groups > kMaxGroups)
    judge.complain(Code::too_many, path_of_group(kMaxGroups),
                   std::to_string(groups) + " groups; at most " + std::to_string(kMaxGroups) + " can be used");
  judge_names(judge);
  judge_vrids(judge);
  AddressJudge{judge}.run();
}

}  // namespace tandem::config
