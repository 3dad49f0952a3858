// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/check.h"

#include <algorithm>
#include <tuple>

namespace tandem::health {

std::string_view name_of(Found found) {
  constexpr std::string_view kNames[] = {"ok", "refused", "timeout", "status", "tls", "error"};
  return kNames[static_cast<std::size_t>(found)];
}

void Standing::set_limits(std::uint64_t rise, std::uint64_t fall) {
  rise_ = std::max<std::uint64_t>(rise, 1);
  fall_ = std::max<std::uint64_t>(fall, 1);
}

Standing::Verdict Standing::take(bool good) {
  const bool first = !known_;
  const std::uint64_t turns_at = up_ ? fall_ : rise_;
  against_ = good == up_ ? 0 : against_ + 1;
  if (first || against_ >= turns_at) {
    known_ = true, up_ = good, against_ = 0;
  }
  return {up_, against_ == 0, against_, turns_at};
}

bool same_question(const api::CheckJob& a, const api::CheckJob& b) {
  const auto question = [](const api::CheckJob& job) {
    return std::tie(job.address, job.port, job.type, job.path, job.host, job.expect, job.ca, job.sni, job.verify, job.proxy_header,
                    job.vip);
  };
  return question(a) == question(b);
}

api::CheckVerdict to_report(const api::CheckJob& job, const Outcome& outcome, const Standing::Verdict& verdict) {
  api::CheckVerdict report;
  report.service = job.service, report.backend = job.backend, report.slot = job.slot;
  report.up = verdict.up, report.final = verdict.settled;
  report.text = outcome.text, report.result = name_of(outcome.found);
  if (!job.vip.empty()) report.text += ", asked for " + printable(job.vip);
  if (!verdict.settled) report.text += " (" + std::to_string(verdict.against) + " of " + std::to_string(verdict.of) + ")";
  report.duration_seconds = std::chrono::duration<double>(outcome.duration).count();
  return report;
}

std::string address_and_port(const api::CheckJob& job) {
  const std::string port = " port " + std::to_string(job.port);
  return job.vip.empty() ? printable(job.address) + port : printable(job.vip) + port + " at " + printable(job.address);
}

std::string no_answer_in(std::uint64_t timeout_ms) { return "no answer in " + std::to_string(timeout_ms) + " ms"; }

std::string printable(std::string_view text, std::size_t longest) {
  std::string out{text.substr(0, longest)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

}  // namespace tandem::health
