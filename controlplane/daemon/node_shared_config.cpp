// SPDX-License-Identifier: Apache-2.0
// pair.toml comes into force on both nodes or on neither. The node that is asked judges it, has it judged by the other, has it put
// in force there, then here. Whatever fails on the way, the other is told to take it back.
#include <utility>

#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kPrepared{10};

std::string text_in(const api::Request& request, const char* name) {
  const auto found = request.params.find(name);
  return found != request.params.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

api::Failure refused(std::string why) { return {api::Exit::refused, std::move(why), ""}; }

// What was done here alone, with what the peer says against it.
api::Failure partly(const api::Applied& here, const std::string& why) {
  return {api::Exit::partly_done, why, "tandemctl config diff --peer shows what differs", here};
}

}  // namespace

void Node::apply_on_both(const ConfigWish& wish, AppliedDone done) {
  if (!pair_ || !pair_keys_ || config::part_of_file(wish.file) != config::Part::pair)
    return done(here(apply(wish.text, wish.file, wish.confirm_seconds, wish.user, wish.reason)));
  apply_shared({config_.node.name + "-" + std::to_string(next_token_++),
                [this, wish] { return config::load_beside(text_, wish.text, wish.file); }, wish.text, wish.confirm_seconds, wish.user,
                wish.reason, std::move(done)});
}

void Node::rollback_on_both(const std::string& config_hash, const std::string& user, AppliedDone done) {
  const api::Answer<std::string> text = text_of(config_hash);
  if (!text) return done(tl::unexpected{text.error()});
  const config::ReadOutcome read = config::load(*text, "configuration " + config_hash);
  if (!pair_ || !pair_keys_ || !read.config || read.config->pair_hash == config_.pair_hash) return done(here(rollback(config_hash, user)));
  apply_shared({config_.node.name + "-" + std::to_string(next_token_++), [read] { return read; }, config::cut(*text, config::Part::pair), 0,
                user, "rollback to " + read.config->hash, std::move(done)});
}

void Node::apply_shared(SharedChange change) {
  const config::ReadOutcome read = change.read();
  const std::string silence = why_peer_is_silent();
  if (judge(read) || !silence.empty()) {
    const api::Answer<api::Applied> applied = apply(read, change.confirm_seconds, change.user, change.reason);
    if (!applied) return change.done(here(applied));
    return change.done(tl::unexpected{partly(*applied, "in force on " + config_.node.name + " alone: " + silence)});
  }
  const api::Json params{
      {"token", change.token}, {"text", change.pair_text}, {"confirm_seconds", change.confirm_seconds}, {"reason", change.reason}};
  sharing_ = true;
  change.done = [this, done = std::move(change.done)](const api::Answer<InForce>& how) {
    sharing_ = false;
    done(how);
  };
  const std::string user = change.user;
  calls_->ask("pair.prepare", params, user, [this, change = std::move(change)](const api::Answer<api::Json>& prepared) {
    prepared ? commit_shared(change) : abort_shared(change, prepared.error());
  });
}

void Node::commit_shared(SharedChange change) {
  const std::string user = change.user;
  const api::Json params{{"token", change.token}};
  calls_->ask("pair.commit", params, user, [this, change = std::move(change)](const api::Answer<api::Json>& committed) {
    if (!committed) return abort_shared(change, committed.error());
    const api::Answer<api::Applied> applied = apply(change.read(), change.confirm_seconds, change.user, change.reason);
    if (!applied) return abort_shared(change, applied.error());
    trial_on_both_ = change.confirm_seconds > 0;
    change.done(InForce{*applied, pair_->report().peer});
  });
}

void Node::abort_shared(const SharedChange& change, const api::Failure& why) {
  if (!calls_) return change.done(tl::unexpected{why});  // this node stops
  calls_->ask("pair.abort", {{"token", change.token}}, change.user, [](const api::Answer<api::Json>&) {});
  const bool silent = why.exit == api::Exit::partly_done;
  const std::string text = pair_->report().peer + (silent ? ": " : " refuses it: ") + why.message;
  reloads_.failed();
  events_.add(Severity::warning, "config", "pair.toml", "refused: " + text, change.user, change.reason);
  change.done(tl::unexpected{api::Failure{silent ? api::Exit::timed_out : api::Exit::bad_configuration,
                                          text + "; nothing was changed on either node", why.hint, why.details}});
}

void Node::confirm_on_both(const std::string& user, AppliedDone done) {
  const api::Answer<api::Applied> kept = confirm(user);
  if (!kept || !std::exchange(trial_on_both_, false)) return done(here(kept));
  calls_->ask("pair.confirm", api::Json::object(), user, [this, kept = *kept, done = std::move(done)](const api::Answer<api::Json>& there) {
    const std::string peer = pair_->report().peer;
    if (there) return done(InForce{kept, peer});
    done(tl::unexpected{partly(kept, "kept on " + config_.node.name + ", not on " + peer + ": " + there.error().message)});
  });
}

void Node::peer_config(std::function<void(api::Answer<std::string>)> done) {
  if (!pair_) return NodeState::peer_config(std::move(done));
  calls_->ask("pair.config", api::Json::object(), "tandemd", [done = std::move(done)](const api::Answer<api::Json>& answer) {
    if (!answer) return done(tl::unexpected{answer.error()});
    done(answer->is_object() && answer->contains("text") && (*answer)["text"].is_string() ? (*answer)["text"].get<std::string>() : "");
  });
}

// Two that are asked for at once, one on each node, would cross and change places.
api::Answer<api::Json> Node::prepare(const api::Request& request, const std::string& user) {
  if (sharing_) return tl::unexpected{refused("another change of both nodes is under way")};
  const auto seconds = request.params.find("confirm_seconds");
  PreparedConfig next{text_in(request, "token"), text_in(request, "text"), 0, user, text_in(request, "reason"), now() + kPrepared, {}, {}};
  if (seconds != request.params.end() && seconds->is_number()) next.confirm_seconds = seconds->get<double>();
  if (std::optional<api::Failure> no = judge(config::load_beside(text_, next.text, config::file_of(config::Part::pair))))
    return tl::unexpected{std::move(*no)};
  prepared_ = std::move(next);
  return api::Json::object();
}

api::Answer<api::Json> Node::commit(const std::string& token) {
  if (!prepared_ || prepared_->token != token || !prepared_->hash.empty() || now() > prepared_->until)
    return tl::unexpected{refused("it was not prepared, or too long ago")};
  PreparedConfig& one = *prepared_;
  const std::string before = text_;
  const api::Answer<api::Applied> applied =
      apply(config::load_beside(text_, one.text, config::file_of(config::Part::pair)), one.confirm_seconds, one.user, one.reason);
  if (!applied) return tl::unexpected{applied.error()};
  one.before = before, one.hash = applied->config_hash;
  return api::Json(*applied);
}

// The other node could not, or gave up waiting for our word.
api::Answer<api::Json> Node::abort(const std::string& token) {
  if (!prepared_ || prepared_->token != token) return api::Json::object();
  const PreparedConfig one = *std::exchange(prepared_, std::nullopt);
  if (one.hash.empty() || one.hash != config_.hash) return api::Json::object();
  trial_before_ = one.before;
  trial_.cancel();
  take_back("the other node did not put it in force");
  return api::Json::object();
}

}  // namespace tandem
