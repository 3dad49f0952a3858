// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "controlplane/config/service_judge.h"
#include "controlplane/config/units.h"
#include "controlplane/config/validate.h"
#include "dataplane/model/generation.h"

namespace tandem::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }
std::string path_of_service(std::size_t index) { return "service[" + std::to_string(index) + "]"; }

std::size_t slots_of(const Service& service) { return service.listen.size() * service.backend.size(); }

// Each listen entry is a service of the generation, with a slot for each backend.
void judge_limits(const Judge& judge) {
  std::size_t listens = 0, slots = 0;
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) {
    const Service& service = judge.config.service[i];
    const bool fitted = listens <= kMaxServices && slots <= kMaxBackendSlots;
    listens += service.listen.size(), slots += slots_of(service);
    if (fitted && listens > kMaxServices) {
      judge.complain(Code::too_many, path_of_service(i), "more than " + std::to_string(kMaxServices) + " listen entries in all");
    }
    if (fitted && slots > kMaxBackendSlots) {
      judge.complain(Code::too_many, path_of_service(i),
                     "more than " + std::to_string(kMaxBackendSlots) + " backends in all, counted once for each listen entry");
    }
  }
}

void judge_names(const Judge& judge) {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) {
    const std::string& name = judge.config.service[i].name;
    if (name.empty()) continue;
    const auto [first, fresh] = names.emplace(name, i);
    if (fresh) continue;
    judge.complain(Code::duplicate_name, path_of_service(i) + ".name",
                   "there is a service " + quoted(name) + " already" + judge.line_of(path_of_service(first->second) + ".name"));
  }
}

double checks_per_second(const Service& service) {
  if (service.check.type == CheckType::none || service.check.interval.count() <= 0) return 0;
  return static_cast<double>(service.backend.size()) * 1000.0 / static_cast<double>(service.check.interval.count());
}

// A check is a connection with all that it costs at both ends. One service above its bound is named; else the sum.
void judge_check_load(const Judge& judge) {
  constexpr double kMostOfService = 500, kMostInAll = 5000;
  double all = 0;
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) {
    const Service& service = judge.config.service[i];
    const double rate = checks_per_second(service);
    all += rate;
    if (rate <= kMostOfService) continue;
    judge.complain(Code::many_checks, path_of_service(i) + ".check.interval",
                   std::to_string(service.backend.size()) + " checks every " + format_duration(service.check.interval) + " are " +
                       std::to_string(static_cast<long>(rate)) + " checks a second");
  }
  if (all > kMostInAll)
    judge.complain(Code::many_checks, "service[0].check",
                   "all services together are " + std::to_string(static_cast<long>(all)) + " checks a second");
}

}  // namespace

void validate_services(const Judge& judge) {
  judge_limits(judge);
  judge_names(judge);
  validate_listens(judge);
  judge_check_load(judge);
  for (std::size_t i = 0; i < judge.config.service.size(); ++i) ServiceJudge{judge, judge.config.service[i], path_of_service(i)}.run();
}

}  // namespace tandem::config
