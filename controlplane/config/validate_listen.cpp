// SPDX-License-Identifier: Apache-2.0
// Where services listen: against each other, against backends and against the node's own addresses. An address within a prefix, a port
// within a range and a range within all ports are no contradiction: the narrower has it (docs/design/listen.md). Two ranges that
// overlap are: neither of them is what both operators meant.
#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "controlplane/config/units.h"
#include "controlplane/config/validate.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }
std::string path_of_service(std::size_t place) { return "service[" + std::to_string(place) + "]"; }

struct Holder {
  std::string who, path;
};
using Holders = std::map<IpAddress, Holder>;

// Who stands at an address that a listen entry has.
const Holders::value_type* holder_in(const Holders& holders, const Prefix& prefix) {
  const auto first = holders.lower_bound(prefix.address);
  return first != holders.end() && prefix.contains(first->first) ? &*first : nullptr;
}

class ListenJudge {
 public:
  explicit ListenJudge(const Judge& judge) : judge_{judge} { add_own(), add_backends(); }

  void run() {
    const auto& services = judge_.config.service;
    for (std::size_t i = 0; i < services.size(); ++i)
      for (std::size_t j = 0; j < services[i].listen.size(); ++j) {
        const Holder holder{"service " + quoted(services[i].name), path_of_service(i) + ".listen[" + std::to_string(j) + "]"};
        judge_use(services[i].listen[j], holder);
        judge_holders(services[i].listen[j], holder.path);
      }
  }

 private:
  using Site = std::tuple<IpAddress, std::uint8_t, Protocol>;
  struct Range {
    Listen listen;
    Holder holder;
  };

  void add_own() {
    for (std::size_t i = 0; i < judge_.config.port.size(); ++i)
      for (const Prefix& address : judge_.config.port[i].address)
        own_.emplace(address.address, Holder{"port " + quoted(judge_.config.port[i].name), "port[" + std::to_string(i) + "].address"});
  }

  void add_backends() {
    for (std::size_t i = 0; i < judge_.config.service.size(); ++i) {
      const Service& service = judge_.config.service[i];
      for (std::size_t j = 0; j < service.backend.size(); ++j)
        backends_.emplace(service.backend[j].address.address,
                          Holder{"backend " + quoted(service.backend[j].name) + " of service " + quoted(service.name),
                                 path_of_service(i) + ".backend[" + std::to_string(j) + "].address"});
    }
  }

  void judge_use(const Listen& listen, const Holder& holder) {
    const auto [user, fresh] = taken_.emplace(listen, holder);
    if (!fresh)
      return judge_.complain(Code::listen_repeated, holder.path,
                             to_string(listen) + " is already used by " + user->second.who + judge_.line_of(user->second.path));
    if (listen.ports().is_one() || listen.ports().is_all()) return;
    std::vector<Range>& ranges = ranges_[{listen.address, listen.host_bits, listen.protocol}];
    const auto other = std::ranges::find_if(ranges, [&](const Range& each) { return each.listen.ports().overlaps(listen.ports()); });
    if (other != ranges.end())
      judge_.complain(Code::listen_repeated, holder.path,
                      to_string(listen) + " overlaps " + to_string(other->listen) + " of " + other->holder.who +
                          judge_.line_of(other->holder.path) + "; cut one of them so that each port is in one range");
    ranges.push_back({listen, holder});
  }

  void judge_holders(const Listen& listen, const std::string& path) const {
    const std::string within = listen.host_bits == 0 ? std::string{} : ", in " + tandem::to_string(listen.prefix()) + ",";
    if (const auto* found = holder_in(backends_, listen.prefix()))
      judge_.complain(Code::vip_is_backend, path,
                      to_string(found->first) + within + " is the address of " + found->second.who + judge_.line_of(found->second.path));
    if (const auto* found = holder_in(own_, listen.prefix()))
      judge_.complain(
          Code::vip_is_own, path,
          to_string(found->first) + within + " is the node's own address on " + found->second.who + judge_.line_of(found->second.path));
  }

  const Judge& judge_;
  Holders backends_, own_;
  std::map<Listen, Holder> taken_;
  std::map<Site, std::vector<Range>> ranges_;
};

}  // namespace

void validate_listens(const Judge& judge) { ListenJudge{judge}.run(); }

}  // namespace tandem::config
