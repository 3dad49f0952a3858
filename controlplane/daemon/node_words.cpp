// SPDX-License-Identifier: Apache-2.0
// What the two nodes' control planes say to each other: who hears which word here, and what a peer is told that knows nothing.
#include "controlplane/daemon/node.h"

namespace tandem {

void Node::open_calls() {
  calls_ = std::make_unique<PeerCalls>(
      loop_, PeerCalls::Hooks{[this](sync::Word kind, std::string text) {
                                if (pair_) pair_->say(kind, std::move(text));
                              },
                              [this] { return why_peer_is_silent(); },
                              [this](const std::shared_ptr<Asker>& asker, api::Request request, const std::string& user) {
                                serve_peer(asker, std::move(request), user);
                              }});
}

void Node::heard(sync::Word kind, const std::string& text) {
  if (!calls_) return;  // this node stops
  switch (kind) {
    case sync::Word::request:
      return calls_->hear_request(text);
    case sync::Word::answer:
      return calls_->hear_answer(text);
    case sync::Word::health:
      verdicts_.hear(text);
      return judge_backends();
    case sync::Word::count_:
      return;
  }
}

void Node::peer_new() {
  if (!calls_) return;
  calls_->peer_new();
  tell_peer(overlay_.told(), [](const std::optional<api::Failure>&) {});
  compare_guard();
  verdicts_.tell_everything();
  tell_verdicts();
}

std::string Node::why_peer_is_silent() const {
  if (!pair_) return "this node is not one of a pair";
  const api::Ha ha = pair_->report();
  if (!ha.peer_up) return (ha.peer.empty() ? "the peer" : "the peer " + ha.peer) + " is not heard";
  return {};
}

// Methods of the pair's own are the daemons'; all others are the API's, of which a peer may read.
void Node::serve_peer(const std::shared_ptr<Asker>& asker, api::Request request, const std::string& user) {
  const std::string who = user + "@" + pair_->report().peer;
  if (!request.method.starts_with("pair.") && server_) return server_->serve(asker, {0, 0, who}, std::move(request));
  const api::Answer<api::Json> answer = answer_peer(request, user);
  asker->answered(request.method, "ok", 0);
  asker->write(answer ? api::result_line(request.id, *answer) : api::error_line(request.id, answer.error()));
}

api::Answer<api::Json> Node::answer_peer(const api::Request& request, const std::string& user) {
  const auto text = [&](const char* name) {
    const auto found = request.params.find(name);
    return found != request.params.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  if (request.method == "pair.overlay") return take_overlay(text("entries"));
  if (request.method == "pair.cut") return take_cuts(request.params);
  if (request.method == "pair.guard") return take_guard(text("lines"));
  if (request.method == "pair.guard_sums") return api::Json{{"sums", guard::to_text(guard_.book().sums())}};
  if (request.method == "pair.config") return api::Json{{"text", text_}};
  if (request.method == "pair.prepare") return prepare(request, user);
  if (request.method == "pair.commit") return commit(text("token"));
  if (request.method == "pair.abort") return abort(text("token"));
  if (request.method == "pair.confirm") {
    const api::Answer<api::Applied> kept = confirm(user);
    if (!kept) return tl::unexpected{kept.error()};
    return api::Json(*kept);
  }
  return tl::unexpected{api::Failure{api::Exit::version_mismatch, request.method + ": no such method of a pair", ""}};
}

}  // namespace tandem
