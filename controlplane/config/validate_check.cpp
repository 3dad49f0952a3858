// SPDX-License-Identifier: Apache-2.0
// Checks that ask for the VIP: whether they can go the way of clients, and what they leave unasked. Passive health: whether it can
// tell anything, and anybody.
#include <algorithm>

#include "controlplane/config/units.h"
#include "controlplane/config/validate.h"
#include "controlplane/config/vip_checks.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

class ViaJudge {
 public:
  ViaJudge(const Judge& judge, const Service& service, std::string path, const std::vector<VipCheck>& checks)
      : judge_{judge}, service_{service}, path_{std::move(path)}, checks_{checks} {}

  void run() const {
    if (!is_one_way(service_.forwarding))
      return complain("via = \"vip\" is for servers that answer clients themselves (l2-dsr, ipip, gue): others never see the VIP");
    for (const Backend& backend : service_.backend)
      if (!judge_backend(backend)) return;
    judge_listens();
  }

 private:
  void complain(const std::string& why) const { judge_.complain(Code::check_via_unfit, path_ + ".check.via", why); }

  bool judge_backend(const Backend& backend) const {
    const auto check = std::ranges::find(checks_, &backend, &VipCheck::backend);
    if (check == checks_.end())
      complain("backend " + quoted(backend.name) + " and no listen address are of one family: its kernel's connection keeps its family");
    else if (check->mark == 0)
      complain("backend " + quoted(backend.name) + ": " + std::to_string(kMostVipChecksOfOneAddress) + " checks ask " +
               to_string(backend.address.address) + " for a VIP already, and no more can be told apart");
    return check != checks_.end() && check->mark != 0;
  }

  void judge_listens() const {
    for (std::size_t i = 0; i < service_.listen.size(); ++i) {
      const IpAddress& vip = service_.listen[i].address;
      const auto asks = [&](const VipCheck& each) { return each.service == &service_ && each.vip() == vip; };
      if (service_.backend.empty() || std::ranges::any_of(checks_, asks)) continue;
      judge_.complain(Code::vip_not_asked, path_ + ".listen[" + std::to_string(i) + "]",
                      to_string(vip) + " is not asked for: checks by way of the VIP ask for the first of a backend's family alone");
    }
  }

  const Judge& judge_;
  const Service& service_;
  std::string path_;
  const std::vector<VipCheck>& checks_;
};

void judge_passive(const Judge& judge, const Service& service, const std::string& path) {
  const auto unfit = [&](const std::string& why) { judge.complain(Code::passive_unfit, path + ".passive", why); };
  const auto is_tcp = [](const Listen& listen) { return listen.protocol == Protocol::tcp; };
  if (service.check.type == CheckType::none) return unfit("passive advises a check, and service " + quoted(service.name) + " has none");
  if (std::ranges::none_of(service.listen, is_tcp)) return unfit("passive goes by TCP's handshakes: datagrams have none");
  if (service.passive->failed > service.passive->of)
    return unfit(std::to_string(service.passive->failed) + " of the last " + std::to_string(service.passive->of) + " is never reached");
  if (is_one_way(service.forwarding))
    judge.complain(Code::passive_half_blind, path + ".passive",
                   "answers do not pass Tandem: refusals are not seen, and clients that never go on count as not answered");
}

}  // namespace

void validate_checks(const Judge& judge) {
  const std::vector<VipCheck> checks = vip_checks(judge.config);
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) {
    const Service& service = judge.config.service[i];
    const std::string path = "service[" + std::to_string(i) + "]";
    if (asks_for_vip(service)) ViaJudge{judge, service, path, checks}.run();
    if (service.passive) judge_passive(judge, service, path);
  }
}

}  // namespace tandem::config
