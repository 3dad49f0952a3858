// SPDX-License-Identifier: Apache-2.0
// Deny lists hold on both nodes: what is said here is told at once, a portion after the other; and whenever the nodes meet, sums of
// their books say what either has not, so that a million entries which both have cost one message.
#include <utility>

#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

std::string field_of(const api::Json& answer, const char* name) {
  const auto found = answer.find(name);
  return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

Result<> Node::open_guard() {
  if (Result<> opened = guard_.open(options_.state_dir + "/guard.list", config::wall_now()); !opened) return opened;
  guard_.configure(config_.protect.prefixes);
  guard_.connect({[this] {
                    builder_->set_guard(guard_.lists());
                    publication_->soon();
                  },
                  [this](std::string lines) { tell_guard(std::move(lines)); }});
  return {};
}

void Node::keep_guard() {
  if (guard_behind_ && guard_untold_.empty() && pair_ && pair_keys_ && why_peer_is_silent().empty()) compare_guard();
  const std::vector<guard::Place> ended = guard_.expire(config::wall_now());
  if (ended.empty()) return;
  std::string text = "their time is over: " + to_string(ended.front().prefix);
  if (ended.size() > 1) text += " and " + std::to_string(ended.size() - 1) + " more";
  events_.add(Severity::info, "guard", "node " + config_.node.name, text);
}

void Node::tell_guard(std::string lines) {
  if (!pair_ || !pair_keys_) return;
  if (!why_peer_is_silent().empty()) return void(guard_behind_ = true);
  guard_untold_.push_back(std::move(lines));
  if (guard_untold_.size() == 1) tell_next_guard();
}

// The first portion stays until it has been answered.
void Node::tell_next_guard() {
  calls_->ask("pair.guard", {{"lines", guard_untold_.front()}}, "tandemd", [this](const api::Answer<api::Json>& answer) {
    if (!answer) guard_behind_ = true, guard_untold_.clear();
    else if (!guard_untold_.empty()) guard_untold_.pop_front();
    if (!guard_untold_.empty()) tell_next_guard();
  });
}

void Node::compare_guard() {
  guard_behind_ = false;
  calls_->ask("pair.guard_sums", api::Json::object(), "tandemd", [this](const api::Answer<api::Json>& answer) {
    const std::optional<guard::Sums> theirs = answer ? guard::read_sums(field_of(*answer, "sums")) : std::nullopt;
    if (!theirs) return void(guard_behind_ = true);
    for (std::string& lines : guard_.told_to(*theirs)) tell_guard(std::move(lines));
  });
}

api::Answer<api::Json> Node::take_guard(const std::string& lines) {
  const Result<std::size_t> news = guard_.hear(lines, config::wall_now());
  if (!news) return tl::unexpected{api::Failure{api::Exit::failed, news.error().message, ""}};
  if (*news > 0) events_.add(Severity::info, "guard", "node " + config_.node.name, std::to_string(*news) + " words of the other node's");
  return api::Json::object();
}

}  // namespace tandem
