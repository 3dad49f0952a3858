// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/peer_calls.h"

#include <utility>
#include <vector>

#include "controlplane/api/event_log.h"

namespace tandem {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10, kLongestAnswer = 3 << 20;  // of what may wait between the nodes

api::Failure unanswered(const std::string& why) { return {api::Exit::partly_done, why, "tandemctl ha status tells more"}; }

std::string text_of(const api::Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

api::Failure failure_of(const api::Json& error) {
  if (!error.is_object()) return {api::Exit::failed, "the peer failed and does not say why", ""};
  api::Failure failure{api::Exit::failed, text_of(error, "message"), text_of(error, "hint")};
  if (error.contains("exit") && error["exit"].is_number_integer()) failure.exit = static_cast<api::Exit>(error["exit"].get<int>());
  if (error.contains("details")) failure.details = error["details"];
  return failure;
}

std::string to_text(const api::Json& json) { return json.dump(-1, ' ', false, api::Json::error_handler_t::replace); }

// In a stream of both nodes' events, the last word on the other's.
api::Json no_longer_followed(const api::Failure& why) {
  return api::Event{rfc3339(wall_seconds()), "peer", "warning", "peer", "", "", why.message + ": its events are not followed from now on"};
}

}  // namespace

// The other node as one who reads an answer: lines are gathered and said in chunks.
class PeerCalls::Answering final : public Asker, public std::enable_shared_from_this<Answering> {
 public:
  Answering(PeerCalls& calls, std::uint64_t id) : calls_{calls}, id_{id} {}

  void write(const std::string& line) override {
    if (!open_) return;
    gathered_ += line;
    if (gathered_.size() > kLongestAnswer)
      gathered_ = api::error_line(id_, {api::Exit::failed, "the answer is too long for the way between the nodes", "ask for less"}),
      last_ = true;
    if (!std::exchange(due_, true)) calls_.loop_.post([self = weak_from_this()] { say(self.lock()); });
  }
  bool open() const override { return open_; }
  void when_read(std::function<void()> task) override { task(); }
  void on_close(std::function<void()> task) override { closers_.push_back(std::move(task)); }
  void answered(const std::string&, const char*, double) override { last_ = true; }
  void close() {
    open_ = false;
    for (const std::function<void()>& task : std::exchange(closers_, {})) task();
  }

 private:
  static void say(const std::shared_ptr<Answering>& self) {
    if (!self || !self->open_) return;
    const std::string all = std::exchange(self->gathered_, {});
    self->due_ = false;
    for (std::size_t at = 0; at < all.size(); at += kChunkBytes)
      self->calls_.hooks_.say(sync::Word::answer, std::to_string(self->id_) + " " + all.substr(at, kChunkBytes));
    if (!self->last_) return;
    self->close();
    self->calls_.answering_.erase(self->id_);
  }

  PeerCalls& calls_;
  std::uint64_t id_;
  std::string gathered_;
  bool open_ = true, due_ = false, last_ = false;
  std::vector<std::function<void()>> closers_;
};

PeerCalls::~PeerCalls() {
  for (const auto& [id, answering] : std::exchange(answering_, {})) answering->close();
  give_up_all("this node stops");
}

std::uint64_t PeerCalls::send(const std::string& method, const api::Json& params, const std::string& user, Waiting waiting, bool forever) {
  const std::uint64_t id = next_id_++;
  const std::string silence = hooks_.silence();
  hooks_.say(sync::Word::request, to_text({{"id", id}, {"method", method}, {"params", params}, {"user", user}}));
  if (!silence.empty()) return waiting.give_up(unanswered(silence)), 0;
  if (!forever) waiting.patience = loop_.after(kPatience, [this, id] { give_up(id, "the peer did not answer in time"); });
  waiting_.emplace(id, std::move(waiting));
  return id;
}

void PeerCalls::ask(const std::string& method, const api::Json& params, const std::string& user, Done done) {
  const auto take = [done](const api::Json& line) {
    if (line.contains("error")) done(tl::unexpected{failure_of(line["error"])});
    else done(line.value("result", api::Json{}));
  };
  send(method, params, user, {.take = take, .give_up = [done](const api::Failure& why) { done(tl::unexpected{why}); }, .patience = {}},
       false);
}

void PeerCalls::relay(const CallPtr& call) {
  const bool beside = call->text_or("node", "") == "both";
  const auto give_up = [call, beside](const api::Failure& why) { beside ? call->event(no_longer_followed(why)) : call->fail(why); };
  if (const std::string silence = hooks_.silence(); !silence.empty()) return give_up(unanswered(silence));
  const auto take = [call, beside](const api::Json& line) {
    if (line.contains("event")) call->event(line["event"]);
    else if (beside) return;
    else if (line.contains("end")) call->end(line["end"]);
    else if (line.contains("error")) call->fail(failure_of(line["error"]));
    else call->reply(line.value("result", api::Json{}));
  };
  const std::uint64_t id = send(call->method(), call->params(), call->peer().user, {.take = take, .give_up = give_up, .patience = {}},
                                call->method() == "events.follow");
  if (id != 0) call->on_disconnect([this, id] { leave(id); });
}

void PeerCalls::leave(std::uint64_t id) {
  if (waiting_.erase(id) != 0) hooks_.say(sync::Word::request, to_text({{"id", id}, {"leave", true}}));
}

void PeerCalls::hear_request(const std::string& text) {
  const api::Json asked = api::Json::parse(text, nullptr, false);
  if (!asked.is_object() || !asked.contains("id") || !asked["id"].is_number_unsigned()) return;
  const std::uint64_t id = asked["id"];
  const auto known = answering_.find(id);
  if (known != answering_.end()) {
    if (asked.contains("leave")) known->second->close(), answering_.erase(known);
    return;
  }
  const Result<api::Request> request = api::parse_request(text);
  if (!request) return;
  const auto answering = answering_.emplace(id, std::make_shared<Answering>(*this, id)).first->second;
  hooks_.serve(answering, *request, text_of(asked, "user"));
}

void PeerCalls::hear_answer(const std::string& text) {
  const std::size_t space = text.find(' ');
  const auto waiting = waiting_.find(std::strtoull(text.c_str(), nullptr, 10));
  if (waiting == waiting_.end() || space == std::string::npos) return;  // it comes too late
  const std::uint64_t id = waiting->first;
  waiting->second.lines.append(std::string_view{text}.substr(space + 1));
  while (waiting_.contains(id)) {
    Waiting& one = waiting_.at(id);
    const std::optional<std::string> line = one.lines.next();
    if (!line) break;
    const auto take = one.take;
    const api::Json answer = api::Json::parse(*line, nullptr, false);
    if (!answer.is_object()) return give_up(id, "the peer's answer cannot be read: is it of another version?");
    if (!answer.contains("event")) waiting_.erase(id);
    take(answer);
  }
}

void PeerCalls::give_up(std::uint64_t id, const std::string& why) {
  auto node = waiting_.extract(id);
  if (!node.empty()) node.mapped().give_up(unanswered(why));
}

void PeerCalls::give_up_all(const std::string& why) {
  for (auto& [id, waiting] : std::exchange(waiting_, {})) waiting.give_up(unanswered(why));
}

void PeerCalls::look() {
  if (waiting_.empty()) return;
  if (const std::string silence = hooks_.silence(); !silence.empty()) give_up_all(silence);
}

void PeerCalls::peer_new() {
  for (const auto& [id, answering] : std::exchange(answering_, {})) answering->close();
  give_up_all("the peer started anew meanwhile, or missed something");
}

}  // namespace tandem
