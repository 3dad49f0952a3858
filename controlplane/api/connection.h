// SPDX-License-Identifier: Apache-2.0
// One client of the API: reads lines, hands requests to the server, writes answers as fast as the client reads them.
// A client that lets kMaxWaitingBytes pile up is dropped; who has much to say waits at kCongestedBytes. Threads: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/api/methods.h"
#include "controlplane/api/call.h"
#include "controlplane/loop/loop.h"

namespace tandem {

class Server;

class Connection final : public Asker, public std::enable_shared_from_this<Connection> {
 public:
  static constexpr std::size_t kMaxWaitingBytes = 8 << 20, kCongestedBytes = 1 << 20;

  Connection(Server& server, int fd, Peer peer, api::Rights most);
  ~Connection() override;
  Result<> start(Loop& loop);

  void write(const std::string& line) override;
  bool open() const override { return fd_ >= 0; }
  void when_read(std::function<void()> task) override;
  void on_close(std::function<void()> task) override { closers_.push_back(std::move(task)); }
  void close();
  void answered(const std::string& method, const char* result, double seconds) override;

 private:
  void ready(std::uint32_t events);
  void read();
  void flush();
  void tell_readers();
  void handle_line(const std::string& line);

  Server* server_;
  int fd_;
  Peer peer_;
  api::Rights most_;  // change: everything; read: reading methods; health: healthd's alone
  api::LineReader reader_;
  std::string waiting_;
  Loop::Handle watch_;
  std::vector<std::function<void()>> closers_, readers_;
};

}  // namespace tandem
