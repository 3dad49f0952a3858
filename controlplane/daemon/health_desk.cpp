// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/health_desk.h"

#include <algorithm>
#include <utility>

#include "controlplane/config/vip_checks.h"

namespace tandem {
namespace {

constexpr std::size_t kMostVerdicts = 10'000, kMostRuns = 64;

api::CheckJob job_of(const config::Service& service, const config::Backend& backend, const BackendRow& row,
                     const std::vector<config::VipCheck>& vip_checks) {
  const config::Check& check = service.check;
  api::CheckJob job;
  job.service = service.name, job.backend = backend.name, job.type = row.check_type;
  job.slot = row.slots.empty() ? 0 : index(row.slots.front());
  job.address = to_string(backend.address.address), job.port = config::check_port(service, backend);
  job.path = check.path, job.host = check.host, job.expect = check.expect;
  job.ca = check.ca, job.sni = check.sni.empty() ? check.host : check.sni, job.verify = check.verify;
  job.proxy_header = service.client_address == ClientAddress::proxy_v2 && !check.port;  // another port is another program's
  job.interval_ms = static_cast<api::Count>(check.interval.count()), job.timeout_ms = static_cast<api::Count>(check.timeout.count());
  job.rise = check.rise, job.fall = check.fall, job.jitter = check.jitter;
  if (const auto by_vip = std::ranges::find(vip_checks, &backend, &config::VipCheck::backend); by_vip != vip_checks.end())
    job.vip = to_string(by_vip->vip()), job.mark = by_vip->mark;
  return job;
}

}  // namespace

HealthDesk::HealthDesk(Server& server, NodeState& node, Hooks hooks) : node_{node}, hooks_{std::move(hooks)} {
  server.handle("check.watch", [this](const CallPtr& call) { watch(call); });
  server.handle("check.report", [this](const CallPtr& call) { report(call); });
}

api::Json HealthDesk::jobs() const {
  api::Json checks = api::Json::array();
  const std::vector<config::VipCheck> vip_checks = config::vip_checks(node_.config());
  for (const config::Service& service : node_.config().service)
    for (const config::Backend& backend : service.backend)
      if (const BackendRow* row = node_.board().find(service.name, backend.name); row && row->check != CheckState::none)
        checks.push_back(job_of(service, backend, *row, vip_checks));
  return {{"generation", node_.generation()}, {"checks", checks}};
}

void HealthDesk::watch(const CallPtr& call) {
  if (watchers_.empty()) node_.events().add(Severity::info, "healthd", "tandem-healthd", "connected");
  watchers_.emplace(call.get(), call);
  call->on_disconnect([this, key = call.get()] { left(key); });
  call->event(jobs());
}

void HealthDesk::left(const Call* call) {
  watchers_.erase(call);
  if (!watchers_.empty()) return;
  node_.events().add(Severity::warning, "healthd", "tandem-healthd", "gone; the last verdicts are frozen");
  for (auto& [token, done] : std::exchange(runs_, {}))
    done(tl::unexpected{api::Failure{api::Exit::unreachable, "tandem-healthd left before it answered"}});
}

void HealthDesk::configuration_changed() {
  for (const auto& [key, call] : watchers_) call->event(jobs());
}

void HealthDesk::report(const CallPtr& call) {
  try {
    const auto verdicts = call->params().value("results", std::vector<api::CheckVerdict>{});
    if (verdicts.size() > kMostVerdicts) return call->fail({api::Exit::usage, "results: more than 10000 in one report"});
    for (const api::CheckVerdict& verdict : verdicts) take(verdict);
    hooks_.reported();
    if (std::exchange(first_verdicts_, false)) hooks_.first();
    if (const auto run = call->params().find("run"); run != call->params().end()) {
      const auto answer = run->get<api::CheckRun>();
      if (auto waiting = runs_.extract(answer.token)) waiting.mapped()(answer);
    }
    call->reply(api::Json::object());
  } catch (const api::Json::exception& wrong) {
    call->fail({api::Exit::usage, std::string{"a field of the wrong type: "} + wrong.what()});
  }
}

void HealthDesk::take(const api::CheckVerdict& verdict) {
  const BackendRow* row = node_.board().find(verdict.service, verdict.backend);
  if (row == nullptr) return;
  const CheckState before = row->check;
  if (node_.board().report(verdict, node_.now())) hooks_.news(verdict.service);
  first_verdicts_ = first_verdicts_ || before == CheckState::unknown;
}

bool HealthDesk::ask(const std::string& service, const std::string& backend) {
  for (const auto& [key, call] : watchers_) call->event({{"ask", {{"service", service}, {"backend", backend}}}});
  return connected();
}

bool HealthDesk::run(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) {
  if (watchers_.empty() || runs_.size() >= kMostRuns) return false;
  const std::string token = std::to_string(next_token_++);
  runs_.emplace(token, std::move(done));
  watchers_.begin()->second->event({{"run", {{"token", token}, {"service", service}, {"backend", backend}}}});
  return true;
}

}  // namespace tandem
