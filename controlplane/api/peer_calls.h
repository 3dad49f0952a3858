// SPDX-License-Identifier: Apache-2.0
// Requests to the other node and their answers, over words (sync/words.h): what an operator asks of the peer by this node's
// socket, and what the two daemons ask of each other. A request names the user who asks; the line of an answer is the API's own.
// Threads: the loop's. Every request is answered once: by the peer, or that it did not.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/api/client.h"
#include "controlplane/api/call.h"
#include "controlplane/loop/loop.h"
#include "controlplane/sync/words.h"

namespace tandem {

class PeerCalls {
 public:
  static constexpr std::chrono::milliseconds kPatience{3000};

  struct Hooks {
    std::function<void(sync::Word kind, std::string text)> say;
    std::function<std::string()> silence;  // why the peer cannot be asked now; empty: it can
    std::function<void(const std::shared_ptr<Asker>&, api::Request, const std::string& user)> serve;  // a request of the peer
  };
  using Done = std::function<void(api::Answer<api::Json>)>;

  PeerCalls(Loop& loop, Hooks hooks) : loop_{loop}, hooks_{std::move(hooks)} {}
  ~PeerCalls();

  // Also said while the peer is silent: then it hears it when it is back, and `done` says at once that it has not.
  void ask(const std::string& method, const api::Json& params, const std::string& user, Done done);
  void relay(const CallPtr& call);  // a client's request, answered as the peer answers it, streams too

  void hear_request(const std::string& text);
  void hear_answer(const std::string& text);
  void look();      // at the peer, now and then: what it was asked is given up once it is silent
  void peer_new();  // it knows nothing of what it was asked, and reads no answer

 private:
  class Answering;
  struct Waiting {
    api::LineReader lines{api::kMaxAnswerBytes};
    std::function<void(const api::Json& line)> take;
    std::function<void(const api::Failure&)> give_up;
    Loop::Handle patience;
  };
  std::uint64_t send(const std::string& method, const api::Json& params, const std::string& user, Waiting waiting, bool forever);
  void give_up(std::uint64_t id, const std::string& why);
  void give_up_all(const std::string& why);
  void leave(std::uint64_t id);  // the client has gone

  Loop& loop_;
  Hooks hooks_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Waiting> waiting_;
  std::map<std::uint64_t, std::shared_ptr<Answering>> answering_;
};

}  // namespace tandem
