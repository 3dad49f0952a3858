// SPDX-License-Identifier: Apache-2.0
// Services and the groups they are in: a VIP moves as one, on LANs of its group, and its servers must find home.
#include <algorithm>
#include <map>
#include <vector>

#include "controlplane/config/suggest.h"
#include "controlplane/config/validate.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }
std::string path_of_service(std::size_t place) { return "service[" + std::to_string(place) + "]"; }
std::string in_group(const Service& service) { return service.group.empty() ? "in no group" : "in group " + quoted(service.group); }

const Group* group_of(const Config& config, const Service& service) {
  const auto found = std::find_if(config.group.begin(), config.group.end(), [&](const Group& each) { return each.name == service.group; });
  return service.group.empty() || found == config.group.end() ? nullptr : &*found;
}

// Who has an address first, or a prefix that holds it.
class FirstUsers {
 public:
  explicit FirstUsers(const Config& config) {
    for (std::size_t i = 0; i < config.service.size(); ++i)
      for (const Listen& listen : config.service[i].listen) {
        const bool fresh = users_.emplace(listen.prefix(), i).second;
        if (fresh && listen.host_bits != 0) prefixes_.push_back(listen.prefix());
      }
  }

  // All that hold it, its own first: a connection to an address may be a shorter prefix's, where the longer has no such port.
  std::vector<std::size_t> of(const Prefix& at) const {
    std::vector<std::size_t> users{users_.at(at)};
    for (const Prefix& prefix : prefixes_)
      if (prefix.length < at.length && prefix.contains(at.address)) users.push_back(users_.at(prefix));
    return users;
  }

 private:
  std::map<Prefix, std::size_t> users_;
  std::vector<Prefix> prefixes_;
};

std::string shown(const Listen& listen) { return listen.host_bits == 0 ? to_string(listen.address) : to_string(listen.prefix()); }

// One complaint a service: the first of its VIPs that another group has too.
void judge_one_group_each(const Judge& judge) {
  const auto& services = judge.config.service;
  const FirstUsers users{judge.config};
  for (std::size_t i = 0; i < services.size(); ++i) {
    bool told = false;
    for (std::size_t j = 0; j < services[i].listen.size() && !told; ++j) {
      const std::vector<std::size_t> all = users.of(services[i].listen[j].prefix());
      const auto user = std::ranges::find_if(all, [&](std::size_t each) { return services[each].group != services[i].group; });
      if (user == all.end()) continue;
      told = true;
      judge.complain(Code::vip_in_two_groups, path_of_service(i) + ".listen[" + std::to_string(j) + "]",
                     shown(services[i].listen[j]) + " is " + in_group(services[i]) + " here and " + in_group(services[*user]) +
                         " by service " + quoted(services[*user].name) + judge.line_of(path_of_service(*user)) + "; a VIP moves as one");
    }
  }
}

std::string hint(const Config& config, const Service& service) {
  std::vector<std::string_view> names(config.group.size());
  std::transform(config.group.begin(), config.group.end(), names.begin(),
                 [](const Group& group) -> std::string_view { return group.name; });
  const std::string text = did_you_mean(service.group, names);
  return text.empty() ? text : "; " + text;
}

class MemberJudge {
 public:
  MemberJudge(const Judge& judge, const Service& service, const Group& group, std::string path)
      : judge_{judge}, service_{service}, group_{group}, path_{std::move(path)} {}

  void run() const {
    for (std::size_t i = 0; i < service_.listen.size(); ++i)
      judge_lan_of(service_.listen[i].address, path_ + ".listen[" + std::to_string(i) + "]");
    if (service_.forwarding == ForwardingMethod::nat) judge_way_home();
  }

 private:
  // As far as the file can show: the prefixes of ports with a kernel twin are the kernel's to say.
  void judge_lan_of(const IpAddress& vip, const std::string& path) const {
    if (group_.vrid.empty()) return;
    const Port* elsewhere = nullptr;
    for (const Port& port : judge_.config.port) {
      if (std::none_of(port.address.begin(), port.address.end(), [&](const Prefix& own) { return own.contains(vip); })) continue;
      if (group_.vrid.contains({port.name, 0})) return;
      elsewhere = &port;
    }
    if (elsewhere == nullptr) return;
    judge_.complain(Code::vip_elsewhere, path,
                    to_string(vip) + " lies on " + elsewhere->name + ", where group " + quoted(group_.name) +
                        " has no VRID: it is announced on all LANs where the group has one");
  }

  void judge_way_home() const {
    const auto has_gateway = [&](const Listen& listen) {
      return std::any_of(group_.gateway.begin(), group_.gateway.end(),
                         [&](const Prefix& gateway) { return gateway.address.family == listen.address.family; });
    };
    const auto without = std::find_if_not(service_.listen.begin(), service_.listen.end(), has_gateway);
    if (without == service_.listen.end()) return;
    judge_.complain(Code::no_way_home, path_ + ".group",
                    "servers of nat service " + quoted(service_.name) + " need a way home that moves with it: group " +
                        quoted(group_.name) + " has no " + (without->address.family == Family::ipv4 ? "IPv4" : "IPv6") + " gateway");
  }

  const Judge& judge_;
  const Service& service_;
  const Group& group_;
  std::string path_;
};

}  // namespace

void validate_members(const Judge& judge) {
  judge_one_group_each(judge);
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) {
    const Service& service = judge.config.service[i];
    const Group* const group = group_of(judge.config, service);
    if (group != nullptr) MemberJudge{judge, service, *group, path_of_service(i)}.run();
    else if (!service.group.empty())
      judge.complain(Code::group_absent, path_of_service(i) + ".group",
                     "there is no group " + quoted(service.group) + hint(judge.config, service));
  }
}

}  // namespace tandem::config
