// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/examiner.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tandem::health {
namespace {

std::string key_of(const api::CheckJob& job) { return job.service + "/" + job.backend; }

Rounds::Pace pace_of(const api::CheckJob& job) {
  return {std::chrono::milliseconds{std::max<api::Count>(job.interval_ms, 1)}, std::clamp(job.jitter, 0.0, 1.0)};
}

api::CheckRun run_of(const std::string& token, Outcome outcome) {
  return {token, outcome.ok(), outcome.text, std::chrono::duration<double>(outcome.duration).count(), std::move(outcome.dialogue)};
}

}  // namespace

Examiner::Examiner(Loop& loop, Rounds::Chance chance, Tell tell)
    : loop_{loop}, rounds_{std::move(chance)}, tell_{std::move(tell)}, tcp_{loop}, http_{loop}, timer_{loop.after(Nanoseconds{}, [this] {
        pump();
      })} {}

void Examiner::set_jobs(const std::vector<api::CheckJob>& jobs) {
  std::set<std::string> wanted;
  for (const api::CheckJob& job : jobs)
    if (wanted.insert(key_of(job)).second) set_job(key_of(job), job);
  std::vector<std::string> gone;
  for (const auto& [key, patient] : patients_)
    if (!wanted.contains(key)) gone.push_back(key);
  for (const std::string& key : gone) drop(key);
  pump();
}

void Examiner::set_job(const std::string& key, const api::CheckJob& job) {
  const auto known = patients_.find(key);
  if (known == patients_.end() || !same_question(known->second.job, job)) {
    drop(key);
    patients_.emplace(key, Patient{job, Standing{job.rise, job.fall}, nullptr});
    return rounds_.add(key, pace_of(job), clock_.now());
  }
  Patient& patient = known->second;
  patient.tell_again = patient.tell_again || patient.job.slot != job.slot;  // the daemon sees another backend there
  patient.standing.set_limits(job.rise, job.fall);
  patient.job = job;
  rounds_.change(key, pace_of(job));
}

void Examiner::drop(const std::string& key) {
  rounds_.remove(key);
  if (const auto patient = patients_.extract(key)) under_way_ -= patient.mapped().attempt ? 1 : 0;
}

void Examiner::tell_all_again() {
  for (auto& [key, patient] : patients_) patient.tell_again = true;
}

void Examiner::ask(const std::string& service, const std::string& backend) {
  rounds_.hurry(service + "/" + backend, clock_.now());
  pump();
}

AttemptPtr Examiner::start(const api::CheckJob& job, bool verbose, Done done) {
  return job.type == "tcp" ? tcp_.start(job, verbose, std::move(done)) : http_.start(job, verbose, std::move(done));
}

void Examiner::pump() {
  const Instant now = clock_.now();
  for (const std::string& key : rounds_.take_due(now, kMostAtOnce - under_way_)) {
    Patient& patient = patients_.at(key);
    patient.attempt = start(patient.job, false, [this, key](const Outcome& outcome) { finished(key, outcome); });
    ++under_way_;
  }
  // With all places taken it is the next end that starts the next check.
  if (const auto next = rounds_.next(); next && under_way_ < kMostAtOnce) timer_.rearm(*next - now);
}

void Examiner::finished(const std::string& key, const Outcome& outcome) {
  Patient& patient = patients_.at(key);
  const AttemptPtr ended = std::move(patient.attempt);
  --under_way_;
  rounds_.finished(key, clock_.now());
  api::CheckVerdict report = to_report(patient.job, outcome, patient.standing.take(outcome.ok()));
  report.final = std::exchange(patient.tell_again, false) || report.final;
  tell_(report);
  pump();
}

void Examiner::run(const std::string& token, const std::string& service, const std::string& backend, TellRun tell) {
  const auto patient = patients_.find(service + "/" + backend);
  if (patient == patients_.end()) return tell({token, false, service + "/" + backend + ": no such check", 0, {}});
  if (runs_.size() >= kMostRuns) return tell({token, false, "16 checks run already; try again", 0, {}});
  runs_[token] = start(patient->second.job, true, [this, token, tell = std::move(tell)](Outcome outcome) {
    const auto ended = runs_.extract(token);
    tell(run_of(token, std::move(outcome)));
  });
}

}  // namespace tandem::health
