// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/board.h"

#include <fnmatch.h>

#include "controlplane/api/event_log.h"

namespace tandem {
namespace {

const char* name_of_type(config::CheckType type) {
  switch (type) {
    case config::CheckType::tcp:
      return "tcp";
    case config::CheckType::http:
      return "http";
    case config::CheckType::https:
      return "https";
    case config::CheckType::none:
      break;
  }
  return "none";
}

std::size_t bucket_of(double seconds) {
  std::size_t at = 0;
  while (at < api::kCheckBucketsSeconds.size() && seconds > api::kCheckBucketsSeconds[at]) ++at;
  return at;
}

void configure_check(BackendRow& row, const config::Check& check, Instant now) {
  const bool checked = check.type != config::CheckType::none;
  row.check_type = name_of_type(check.type), row.rise = check.rise, row.fall = check.fall;
  if (checked == (row.check != CheckState::none)) return;
  row.check = checked ? CheckState::unknown : CheckState::none;
  row.held = verdict::Verdict::unknown, row.kept = false, row.last_result_ok = true;
  row.check_since = now;
}

}  // namespace

const char* name_of(CheckState state) {
  constexpr const char* kNames[] = {"none", "unknown", "up", "down"};
  return kNames[static_cast<std::size_t>(state)];
}

const char* name_of(verdict::Verdict verdict) {
  constexpr const char* kNames[] = {"unknown", "up", "down"};
  return kNames[static_cast<std::size_t>(verdict)];
}

const char* name_of(verdict::Sight sight) {
  constexpr const char* kNames[] = {"unknown", "up", "failing", "down"};
  return kNames[static_cast<std::size_t>(sight)];
}

const char* name_of(AdminState state) {
  constexpr const char* kNames[] = {"up", "draining", "disabled"};
  return kNames[static_cast<std::size_t>(state)];
}

const char* name_of(BackendState state) {
  constexpr const char* kNames[] = {"unused", "up", "draining", "disabled", "down", "gone"};
  return kNames[static_cast<std::size_t>(state)];
}

BackendState BackendRow::state() const {
  if (admin == AdminState::disabled) return BackendState::disabled;
  if (is_out()) return BackendState::down;
  return admin == AdminState::draining || weight == 0 ? BackendState::draining : BackendState::up;
}

config::BackendDynamic BackendRow::dynamic() const {
  return {admin, weight == configured_weight ? std::nullopt : std::optional{weight}, !is_out(), kill};
}

verdict::Sight BackendRow::sight() const {
  if (check == CheckState::up) return last_result_ok ? verdict::Sight::up : verdict::Sight::failing;
  return check == CheckState::down ? verdict::Sight::down : verdict::Sight::unknown;
}

void Board::configure(const config::Config& config, Instant now) {
  std::map<Key, BackendRow> kept;
  order_.clear();
  for (const config::Service& service : config.service) {
    for (const config::Backend& backend : service.backend) {
      const Key key{service.name, backend.name};
      const auto known = rows_.find(key);
      BackendRow row = known == rows_.end() ? BackendRow{} : known->second;
      if (known == rows_.end() || row.address != backend.address) {  // another address is another server: nothing is known of it
        row = BackendRow{};
        row.since = row.check_since = now;
        row.last_change_timestamp_seconds = wall_seconds();
      }
      row.service = service.name, row.name = backend.name, row.address = backend.address;
      row.configured_weight = row.weight = backend.weight;
      configure_check(row, service.check, now);
      if (!service.passive) row.passive = {};
      order_.push_back(key);
      kept.insert_or_assign(key, std::move(row));
    }
  }
  rows_ = std::move(kept);
  std::map<std::string, ServiceRow> services;
  for (const config::Service& service : config.service) services[service.name] = services_[service.name];
  services_ = std::move(services);
}

BackendRow* Board::find(const std::string& service, const std::string& backend) {
  const auto found = rows_.find({service, backend});
  return found == rows_.end() ? nullptr : &found->second;
}

std::vector<BackendRow*> Board::of(const std::string& service) {
  std::vector<BackendRow*> rows;
  for (const Key& key : order_)
    if (key.first == service) rows.push_back(&rows_.at(key));
  return rows;
}

std::vector<BackendRow*> Board::all() {
  std::vector<BackendRow*> rows;
  for (const Key& key : order_) rows.push_back(&rows_.at(key));
  return rows;
}

std::vector<BackendRow*> Board::match(const std::string& glob) {
  std::vector<BackendRow*> rows;
  for (const Key& key : order_)
    if (::fnmatch(glob.c_str(), (key.first + "/" + key.second).c_str(), 0) == 0) rows.push_back(&rows_.at(key));
  return rows;
}

bool Board::report(const api::CheckVerdict& verdict, Instant now) {
  BackendRow* row = find(verdict.service, verdict.backend);
  if (row == nullptr || row->check == CheckState::none) return false;  // removed by a reload meanwhile
  const auto counted = row->check_results.find(verdict.result);
  ++(counted == row->check_results.end() ? row->check_results["error"] : counted->second);
  row->check_text = verdict.text;
  row->check_duration_seconds = verdict.duration_seconds;
  row->check_duration_sum += verdict.duration_seconds;
  ++row->check_buckets[bucket_of(verdict.duration_seconds)];
  const verdict::Sight before = row->sight();
  const bool confirmed = row->confirmation.confirmed();
  const CheckState state = verdict.up ? CheckState::up : CheckState::down;
  row->last_result_ok = verdict.up == verdict.final;  // a result that is not final contradicts what stands
  if (verdict.final && row->check != state) row->check = state, row->check_since = now;
  row->confirmation.result(verdict.final, state == CheckState::up ? row->rise : row->fall);
  return row->sight() != before || row->confirmation.confirmed() != confirmed;
}

bool Board::settle(BackendRow& row, verdict::Verdict verdict, bool kept, Instant now) {
  const BackendState state_before = row.state();
  const bool eligible_before = row.eligible();
  row.held = verdict, row.kept = kept;
  if (row.eligible() == eligible_before && row.state() == state_before) return false;
  changed(row, now);
  return true;
}

void Board::lay_over(const config::Overlay& overlay, Instant now) {
  for (auto& [key, row] : rows_) {
    const config::OverlayEntry* admin = overlay.find(key.first, key.second, config::OverlayField::admin_state);
    const config::OverlayEntry* weight = overlay.find(key.first, key.second, config::OverlayField::weight);
    const BackendState before = row.state();
    const std::uint16_t weight_before = row.weight;
    row.kill = admin != nullptr && admin->value == "killed";
    row.admin = admin == nullptr ? AdminState::up : row.kill || admin->value == "disabled" ? AdminState::disabled : AdminState::draining;
    row.weight = weight == nullptr ? row.configured_weight : static_cast<std::uint16_t>(std::stoul(weight->value));
    row.overlay = admin ? std::optional{admin->id} : weight ? std::optional{weight->id} : std::nullopt;
    if (row.state() != before || row.weight != weight_before) changed(row, now);
  }
}

void Board::changed(BackendRow& row, Instant now) {
  row.since = now;
  row.last_change_timestamp_seconds = wall_seconds();
  ++row.state_changes;
}

}  // namespace tandem
