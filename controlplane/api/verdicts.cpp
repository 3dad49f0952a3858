// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/verdicts.h"

#include <algorithm>

#include "controlplane/verdict/panic.h"

namespace tandem {
namespace {

using verdict::Decider;
using verdict::Verdict;

// On top of what a check takes: for the way of the peer's word, and for two clocks that do not beat together.
constexpr std::chrono::milliseconds kWordsWay{200};

Nanoseconds patience_with(const config::Check& check) {
  const Nanoseconds interval = check.interval;
  return interval + Nanoseconds{static_cast<std::int64_t>(check.jitter * static_cast<double>(interval.count()))} + check.timeout +
         kWordsWay;
}

bool serves(const std::string& role) { return role == "active" || role == "yielding"; }

}  // namespace

void Verdicts::configure(const config::Config& config) {
  services_.clear();
  for (const config::Service& service : config.service) {
    services_[service.name] = {service.group, service.panic_threshold, patience_with(service.check), &board_.service(service.name), {}};
    touched(service.name);
  }
  for (BackendRow* row : board_.all()) {
    row->told.reset();  // its service may have left its group
    if (row->check != CheckState::none) services_[row->service].rows.push_back(row);
  }
  for (const auto& [key, told] : heard_) hand_over(told);
  told_.clear();  // the peer may have forgotten a backend that left and comes back
}

// The peer decides while it serves the group and has told us all it knows; in every other case we do.
void Verdicts::follow(const api::Ha& ha) {
  node_ = ha.node, peer_ = ha.peer, peer_up_ = ha.peer_up;
  for (const api::HaGroup& group : ha.groups) {
    const bool by_peer = !group.active && ha.peer_up && peer_tells_ && serves(group.peer_role);
    const Decider decider = by_peer ? Decider::peer : Decider::self;
    const auto [at, is_new] = deciders_.try_emplace(group.name, Decider::self);
    if (!is_new && at->second == decider) continue;
    at->second = decider;
    decides_now(group.name);
  }
  for (const auto& [name, service] : services_)
    if (service.whole->cut_off.suspected()) touched(name);
}

void Verdicts::touched_all() {
  for (const auto& [name, service] : services_) touched(name);
}

void Verdicts::decides_now(const std::string& group) {
  for (const auto& [name, service] : services_) {
    if (service.group != group) continue;
    touched(name);
    if (decider_of(group) == Decider::peer) continue;
    for (BackendRow* row : service.rows)
      if (row->held != Verdict::unknown && row->held != verdict_of(row->sight())) row->confirmation.ask();
  }
}

Decider Verdicts::decider_of(const std::string& group) const {
  const auto at = deciders_.find(group);
  return at == deciders_.end() ? Decider::self : at->second;
}

bool Verdicts::hear(std::string_view text) {
  const std::optional<verdict::Telling> telling = verdict::read_telling(text);
  if (!telling) return false;
  if (telling->all) forget_heard();
  for (const verdict::Told& told : telling->backends) {
    if (heard_.size() < verdict::kMostTold) heard_.insert_or_assign({told.service, told.backend}, told);
    hand_over(told);
  }
  peer_tells_ = peer_tells_ || telling->all;
  return true;
}

void Verdicts::forget_heard() {
  heard_.clear();
  for (auto& [name, service] : services_) {
    for (BackendRow* row : service.rows) row->told.reset();
    touched(name);
  }
}

void Verdicts::hand_over(const verdict::Told& told) {
  const auto service = services_.find(told.service);
  BackendRow* row = board_.find(told.service, told.backend);
  if (row == nullptr || service == services_.end() || service->second.group.empty()) return;
  row->told = told;
  touched(told.service);
}

bool Verdicts::judge(Instant now) {
  bool changed = false;
  for (const std::string& name : std::exchange(touched_, {})) {
    const auto service = services_.find(name);
    if (service == services_.end()) continue;
    changed = judge(name, service->second, now) || changed;
    untold_.insert(name);
  }
  return changed;
}

bool Verdicts::judge(const std::string& name, Service& service, Instant now) {
  update_cut_off(name, service, now);
  const Decider decider = decider_of(service.group);
  ServiceRow& whole = *service.whole;
  whole.decided_by = service.group.empty() ? "" : decider == Decider::self ? node_ : peer_;
  std::vector<Verdict> verdicts;
  for (const BackendRow* row : service.rows) verdicts.push_back(holding(evidence(*row, decider, whole.cut_off.backends_stay())));
  const std::vector<bool> stay = kept(service, verdicts, decider);
  bool changed = false;
  for (std::size_t i = 0; i < service.rows.size(); ++i) {
    BackendRow& row = *service.rows[i];
    const Verdict before = row.held;
    changed = board_.settle(row, verdicts[i], stay[i], now) || changed;
    write_change(row, before, decider);
  }
  write_panic(name, service);
  return changed;
}

verdict::TwoSights Verdicts::sights(const BackendRow& row) const {
  return {row.sight(), row.told && peer_up_ ? row.told->sight : verdict::Sight::unknown};
}

void Verdicts::update_cut_off(const std::string& name, const Service& service, Instant now) {
  std::vector<verdict::TwoSights> seen;
  for (const BackendRow* row : service.rows) seen.push_back(sights(*row));
  verdict::CutOff& cut_off = service.whole->cut_off;
  const bool before = cut_off.is_so();
  cut_off.update(most_fail_here_alone(seen), service.patience, now);
  if (cut_off.is_so() == before) return;
  cut_off_changed_ = true;
  before ? events_.add(Severity::info, "cut_off", "service " + name, "this node is no longer alone in seeing most of its backends fail")
         : events_.add(Severity::critical, "cut_off", "service " + name,
                       "most of its backends fail their checks here, and " + peer_ + " sees them up: this node is unfit for group " +
                           service.group);
}

verdict::Evidence Verdicts::evidence(const BackendRow& row, Decider decider, bool stay) const {
  verdict::Evidence out{decider, row.held, row.sight(), row.confirmation.confirmed(), {}, stay && fails_here_alone(sights(row))};
  if (row.told) out.told = row.told->verdict.value_or(Verdict::unknown);  // serving already, and its word is on its way
  return out;
}

std::vector<bool> Verdicts::kept(const Service& service, const std::vector<Verdict>& verdicts, Decider decider) const {
  std::vector<bool> out;
  std::vector<verdict::Place> places;
  for (std::size_t i = 0; i < service.rows.size(); ++i) {
    const BackendRow& row = *service.rows[i];
    const bool in_play = row.admin == AdminState::up && row.weight > 0, down = verdicts[i] == Verdict::down;
    places.push_back({in_play, down, down && row.is_out()});
    out.push_back(down && row.told && (row.told->verdict ? row.told->kept : row.kept));
  }
  return decider == Decider::peer ? out : verdict::kept_in_service(places, service.panic_threshold);
}

void Verdicts::write_change(const BackendRow& row, Verdict before, Decider decider) {
  const std::string text = decider == Decider::peer ? "decided by " + peer_ : row.check_text;
  if (row.held == Verdict::down && before != Verdict::down)
    events_.add(Severity::warning, "backend_down", row.service + "/" + row.name, text);
  if (row.held == Verdict::up && before == Verdict::down) events_.add(Severity::info, "backend_up", row.service + "/" + row.name, text);
}

void Verdicts::write_panic(const std::string& name, const Service& service) {
  bool& panic = service.whole->panic;
  std::string kept;
  for (const BackendRow* row : service.rows)
    if (row->kept) kept.append(kept.empty() ? "" : ", ").append(row->name);
  if (panic == !kept.empty()) return;
  panic = !kept.empty();
  panic ? events_.add(Severity::critical, "panic", "service " + name,
                      "so many of its backends are down that nobody more is removed (panic_threshold " +
                          std::to_string(service.panic_threshold) + "%): " + kept + " in service although down")
        : events_.add(Severity::info, "panic", "service " + name, "over: no backend that is down is in service");
}

verdict::Told Verdicts::to_tell(const BackendRow& row, Decider decider) const {
  if (decider == Decider::peer) return {row.service, row.name, row.sight(), std::nullopt, false};
  return {row.service, row.name, row.sight(), row.held, row.kept};
}

std::vector<std::string> Verdicts::news(std::size_t part_bytes) {
  verdict::Telling telling{std::exchange(tell_all_, false), {}};
  for (const std::string& name : std::exchange(untold_, {})) {
    const auto at = services_.find(name);
    if (at == services_.end() || at->second.group.empty()) continue;
    const Service& service = at->second;
    for (const BackendRow* row : service.rows) {
      verdict::Told told = to_tell(*row, decider_of(service.group));
      verdict::Told& known = told_[{row->service, row->name}];
      if (known == told) continue;
      known = told;
      telling.backends.push_back(std::move(told));
    }
  }
  return telling.all || !telling.backends.empty() ? verdict::write(telling, part_bytes) : std::vector<std::string>{};
}

void Verdicts::tell_everything() {
  told_.clear(), tell_all_ = true;
  for (const auto& [name, service] : services_) untold_.insert(name);
}

bool Verdicts::cut_off(const std::string& group) const {
  return std::any_of(services_.begin(), services_.end(),
                     [&](const auto& each) { return each.second.group == group && each.second.whole->cut_off.is_so(); });
}

}  // namespace tandem
