// SPDX-License-Identifier: Apache-2.0
// What operators set holds on both nodes: told when it is said, and all of it when the nodes meet.
#include <algorithm>
#include <memory>

#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

constexpr std::size_t kEntriesAtOnce = 500;

std::string words_for(const config::OverlayEntry& entry) {
  const std::string field{config::to_string(entry.field)};
  if (entry.value.empty()) return field + " as configured";
  return entry.field == config::OverlayField::weight ? "weight " + entry.value : entry.value;
}

api::Failure not_told(const std::string& here, const std::string& peer, const api::Failure& why) {
  const std::string later = why.exit == api::Exit::partly_done ? "; it will have it when it is back" : "";
  return {api::Exit::partly_done, "done on " + here + ", not on " + (peer.empty() ? "the peer" : peer) + ": " + why.message + later,
          "tandemctl ha status tells more"};
}

std::string by(const config::OverlayEntry& entry) { return entry.user + (entry.node.empty() ? "" : " on " + entry.node); }

}  // namespace

// In portions that fit a word; the answer is the last one's, or the first failure.
void Node::tell_peer(const std::vector<config::OverlayEntry>& said, std::function<void(std::optional<api::Failure>)> done) {
  if (!pair_ || !pair_keys_ || said.empty()) return done({});
  struct Telling {
    std::size_t left;
    std::optional<api::Failure> failure = std::nullopt;
  };
  const std::string here = config_.node.name, peer = pair_->report().peer;
  const auto telling = std::make_shared<Telling>(Telling{(said.size() + kEntriesAtOnce - 1) / kEntriesAtOnce});
  for (std::size_t at = 0; at < said.size(); at += kEntriesAtOnce) {
    const auto first = said.begin() + static_cast<std::ptrdiff_t>(at), last = said.end();
    const std::vector<config::OverlayEntry> some{first, first + std::min<std::ptrdiff_t>(kEntriesAtOnce, last - first)};
    calls_->ask("pair.overlay", {{"entries", config::to_text(some)}}, "tandemd",
                [telling, done, here, peer](const api::Answer<api::Json>& answer) {
                  if (!answer && !telling->failure) telling->failure = not_told(here, peer, answer.error());
                  if (--telling->left == 0) done(telling->failure);
                });
  }
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
  if (changed) board_.lay_over(overlay_, now()), republish();
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
