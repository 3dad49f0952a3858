// SPDX-License-Identifier: Apache-2.0
// What operators set holds on both nodes: told when it is said, and all of it when the nodes meet.
#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

std::string words_for(const config::OverlayEntry& entry) {
  const std::string field{config::to_string(entry.field)};
  if (entry.value.empty()) return field + " as configured";
  return entry.field == config::OverlayField::weight ? "weight " + entry.value : entry.value;
}

std::string by(const config::OverlayEntry& entry) { return entry.user + (entry.node.empty() ? "" : " on " + entry.node); }

}  // namespace

void Node::tell_peer(const std::vector<config::OverlayEntry>& said, std::function<void(std::optional<api::Failure>)> done) {
  if (!pair_ || !pair_keys_) return done({});
  const std::string peer = pair_->report().peer.empty() ? "the peer" : pair_->report().peer;
  calls_->ask("pair.overlay", {{"entries", config::to_text(said)}}, "tandemd",
              [done = std::move(done), peer, here = config_.node.name](const api::Answer<api::Json>& answer) {
                if (answer) return done({});
                const std::string missed = answer.error().exit == api::Exit::partly_done ? "; it will have it when it is back" : "";
                done(api::Failure{api::Exit::partly_done, "done on " + here + ", not on " + peer + ": " + answer.error().message + missed,
                                  "tandemctl ha status tells more"});
              });
}

api::Answer<api::Json> Node::take_overlay(const std::string& text) {
  const auto failed = [](const Error& error) { return tl::unexpected{api::Failure{api::Exit::failed, error.message, ""}}; };
  const Result<std::vector<config::OverlayEntry>> entries = config::read_entries(text);
  if (!entries) return failed(entries.error());
  bool changed = false;
  for (const config::OverlayEntry& entry : *entries) {
    const Result<config::Overlay::Taken> taken = overlay_.take(entry, config::wall_now());
    if (!taken) return failed(taken.error());
    note_taken(entry, *taken);
    changed = changed || taken->changed;
  }
  if (changed) board_.lay_over(overlay_, now()), publication_->soon();
  return api::Json::object();
}

void Node::note_taken(const config::OverlayEntry& theirs, const config::Overlay::Taken& taken) {
  const std::string object = theirs.service + "/" + theirs.backend;
  if (taken.conflict)
    events_.add(Severity::warning, "overlay", object,
                "conflict: " + words_for(theirs) + " by " + by(theirs) + ", and " + words_for(*taken.ours) + " by " + by(*taken.ours) +
                    ", while the nodes did not hear each other; the later holds: " + words_for(taken.changed ? theirs : *taken.ours));
  else if (taken.changed)
    events_.add(Severity::info, "overlay", object, words_for(theirs) + ", said on " + theirs.node, theirs.user, theirs.reason);
}

}  // namespace tandem
