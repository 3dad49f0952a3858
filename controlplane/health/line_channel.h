// SPDX-License-Identifier: Apache-2.0
// A connection to tandemd that never blocks: whole lines in, lines out as fast as they are read. Threads: the loop's.
#pragma once

#include <functional>
#include <string>

#include "common/api/json_line.h"
#include "controlplane/loop/loop.h"

namespace tandem::health {

class LineChannel {
 public:
  static constexpr std::size_t kMostWaiting = 4 << 20;  // a daemon that does not read must not fill our memory

  using OnLine = std::function<void(const std::string&)>;
  using OnClose = std::function<void(const std::string& why)>;

  LineChannel(Loop& loop, OnLine on_line, OnClose on_close) : loop_{loop}, on_line_{std::move(on_line)}, on_close_{std::move(on_close)} {}
  ~LineChannel() { close(); }
  LineChannel(const LineChannel&) = delete;
  LineChannel& operator=(const LineChannel&) = delete;

  Result<> connect(const std::string& path);
  bool open() const { return fd_ >= 0; }
  bool send(const std::string& line);  // false: not open, or too much waits already
  void close();                        // without on_close

 private:
  void ready(std::uint32_t events);
  void read();
  void flush();
  void lost(const std::string& why);

  Loop& loop_;
  OnLine on_line_;
  OnClose on_close_;
  int fd_ = -1;
  Loop::Handle watch_;
  api::LineReader reader_{api::kMaxAnswerBytes};
  std::string waiting_;
};

}  // namespace tandem::health
