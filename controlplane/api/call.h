// SPDX-License-Identifier: Apache-2.0
// One request on its way to an answer. A handler answers now, or keeps the call and answers later; a client that has left
// makes every answer a no-op. Threads: the loop's.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/api/json_line.h"

namespace tandem {

// Who asks, by the socket's peer credentials.
struct Peer {
  uid_t uid = 0;
  pid_t pid = 0;
  std::string user;  // name of the uid, or its number
};

// Where the lines of an answer go: a client's connection, or the other node.
class Asker {
 public:
  virtual ~Asker() = default;
  virtual void write(const std::string& line) = 0;
  virtual bool open() const = 0;
  virtual void when_read(std::function<void()> task) = 0;
  virtual void on_close(std::function<void()> task) = 0;
  // Before the last line of one answer.
  virtual void answered(const std::string& method, const char* result, double seconds) = 0;
};

class Call {
 public:
  Call(std::weak_ptr<Asker> asker, Peer peer, api::Request request);
  ~Call();  // a handler that lets go of a call without an answer answers "failed"
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const std::string& method() const { return request_.method; }
  const api::Json& params() const { return request_.params; }
  const Peer& peer() const { return peer_; }

  void reply(const api::Json& result);
  void fail(const api::Failure& failure);
  void event(const api::Json& event);  // any number, then end()
  void end(const api::Json& end);

  bool connected() const;                      // false: nobody will read an answer
  void when_read(std::function<void()> task);  // once the client has read most of what was said, or has left: then there is room for more
  void on_disconnect(std::function<void()> task);

  // Params by name; one of the wrong type counts as missing. Numbers are cut to 0 … 1e9: all of them count something.
  std::string text_or(const char* name, std::string otherwise) const;
  double number_or(const char* name, double otherwise) const;
  bool flag(const char* name) const;

 private:
  void finish(const std::string& line, const char* result);

  std::weak_ptr<Asker> asker_;
  Peer peer_;
  api::Request request_;
  std::chrono::steady_clock::time_point begun_;
  bool answered_ = false;
};

using CallPtr = std::shared_ptr<Call>;
using Handler = std::function<void(const CallPtr&)>;

}  // namespace tandem
