// SPDX-License-Identifier: Apache-2.0
// A service and the one that lends it backends while none of its own may take a new connection.
#include <algorithm>

#include "controlplane/config/suggest.h"
#include "controlplane/config/units.h"
#include "controlplane/config/validate.h"
#include "controlplane/verdict/panic.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }
std::string_view name_of(ForwardingMethod method) { return method == ForwardingMethod::nat ? "nat" : "l2-dsr"; }

class FallbackJudge {
 public:
  FallbackJudge(const Judge& judge, const Service& service, std::string path) : judge_{judge}, service_{service}, path_{std::move(path)} {}

  void run() const {
    const auto& services = judge_.config.service;
    const auto lender = std::find_if(services.begin(), services.end(), [&](const Service& each) { return each.name == service_.fallback; });
    if (lender == services.end()) return judge_absence();
    if (!lender->fallback.empty()) return judge_chain(*lender);
    judge_likeness(*lender);
    judge_panic();
  }

 private:
  void complain(Code code, const std::string& text) const { judge_.complain(code, path_ + ".fallback", text); }

  void judge_absence() const {
    std::vector<std::string_view> names;
    for (const Service& each : judge_.config.service)
      if (&each != &service_) names.push_back(each.name);
    const std::string hint = did_you_mean(service_.fallback, names);
    complain(Code::fallback_absent, "there is no service " + quoted(service_.fallback) + (hint.empty() ? hint : "; " + hint));
  }

  // Which also refuses circles: whoever is in one has a fallback.
  void judge_chain(const Service& lender) const {
    if (&lender == &service_) return complain(Code::fallback_chain, "service " + quoted(service_.name) + " cannot be its own fallback");
    complain(Code::fallback_chain, "service " + quoted(lender.name) + " has a fallback itself, " + quoted(lender.fallback) +
                                       ": one step is taken, so name the last one here");
  }

  // The method is the borrower's, and its servers are set up for it: a nat server answers through its group's gateway, an l2-dsr
  // server holds the VIP and hears its port.
  void judge_likeness(const Service& lender) const {
    if (lender.forwarding != service_.forwarding)
      return complain(Code::fallback_differs, "service " + quoted(lender.name) + " forwards by " + std::string{name_of(lender.forwarding)} +
                                                  ", and its servers are set up for that, not for " +
                                                  std::string{name_of(service_.forwarding)});
    if (lender.client_address != service_.client_address)
      return complain(Code::fallback_differs,
                      "service " + quoted(lender.name) +
                          " has another client_address: its servers expect a header, or none, as its own clients' connections begin");
    if (service_.forwarding == ForwardingMethod::nat && lender.group != service_.group)
      return complain(Code::fallback_differs, "service " + quoted(lender.name) +
                                                  " is of another group: its servers would answer through the node that serves that one");
    for (const Listen& listen : service_.listen)
      if (!serves(lender, listen))
        return complain(Code::fallback_differs, "service " + quoted(lender.name) + " has nothing that could serve " + to_string(listen) +
                                                    ": " + wanted(lender, listen));
  }

  bool serves(const Service& lender, const Listen& listen) const {
    return std::any_of(lender.listen.begin(), lender.listen.end(), [&](const Listen& other) {
      const bool alike = other.protocol == listen.protocol && other.address.family == listen.address.family;
      return alike && (!keeps_ports(lender) || other.ports().contains(listen.ports()));
    });
  }

  // Its servers hear what it listens on, or every port its clients ask for.
  bool keeps_ports(const Service& lender) const {
    const auto is_open = [](const Backend& each) { return each.address.port == 0; };
    return service_.forwarding == ForwardingMethod::l2_dsr || std::any_of(lender.backend.begin(), lender.backend.end(), is_open);
  }

  std::string wanted(const Service& lender, const Listen& listen) const {
    const std::string family = listen.address.family == Family::ipv4 ? "IPv4" : "IPv6";
    const std::string same = "it listens on no " + std::string{to_string(listen.protocol)} + " over " + family;
    if (service_.forwarding == ForwardingMethod::l2_dsr) return same + " with that port, and l2-dsr changes no port";
    return keeps_ports(lender) ? same + " with that port, and its backends are asked at the port that they name: none" : same;
  }

  void judge_panic() const {
    if (service_.panic_threshold == 0 || service_.check.type == CheckType::none) return;
    if (service_.backend.size() < verdict::kFewestForPanic) return;
    complain(Code::fallback_kept_out,
             "checks that fail never bring service " + quoted(service_.name) +
                 " to its fallback while panic_threshold keeps backends that are down in service; \"0%\" lets them go");
  }

  const Judge& judge_;
  const Service& service_;
  std::string path_;
};

}  // namespace

void validate_fallbacks(const Judge& judge) {
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) {
    const Service& service = judge.config.service[i];
    if (!service.fallback.empty()) FallbackJudge{judge, service, "service[" + std::to_string(i) + "]"}.run();
  }
}

}  // namespace tandem::config
