// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/openings_watch.h"

#include <algorithm>

namespace tandem {
namespace {

// Often enough that `fall` bad results come soon, and no burden on a server that is slow already.
Nanoseconds pause_of(const config::Check& check) { return std::max<Nanoseconds>(check.interval / 4, OpeningsWatch::kPeriod); }

std::string text_of(const verdict::Begun& recent) {
  return std::to_string(recent.failed()) + " of its last " + std::to_string(recent.all()) +
         " new connections failed: " + std::to_string(recent.unanswered) + " not answered, " + std::to_string(recent.refused) +
         " refused; its check is asked";
}

}  // namespace

void OpeningsWatch::look(const config::Config& config, Instant now) {
  for (const config::Service& service : config.service)
    for (const config::Backend& backend : service.backend)
      if (BackendRow* row = service.passive ? board_.find(service.name, backend.name) : nullptr) look(*row, service, now);
}

// What its connections met before its check took it out, or another backend in its slot, is no news of it.
void OpeningsWatch::look(BackendRow& row, const config::Service& service, Instant now) {
  PassiveRow& passive = row.passive;
  if (passive.slots != row.slots || passive.state_changes != row.state_changes) {
    passive.openings.forget();
    passive.slots = row.slots, passive.state_changes = row.state_changes;
  }
  const bool before = passive.openings.is_suspect();
  const bool due = passive.openings.look(hooks_.begun(row.slots), {service.passive->failed, service.passive->of});
  if (passive.openings.is_suspect() != before) tell(row);
  if (due) advise(row, service.check, now);
}

void OpeningsWatch::advise(BackendRow& row, const config::Check& check, Instant now) {
  if (row.passive.asked && now - *row.passive.asked < pause_of(check)) return;
  if (!hooks_.ask(row.service, row.name)) return;
  row.passive.asked = now;
  ++row.passive.advised;
}

void OpeningsWatch::tell(const BackendRow& row) {
  const bool suspect = row.passive.openings.is_suspect();
  events_.add(suspect ? Severity::warning : Severity::info, "passive", row.service + "/" + row.name,
              suspect ? text_of(row.passive.openings.recent()) : "its new connections are answered again");
}

}  // namespace tandem
