// SPDX-License-Identifier: Apache-2.0
// The caller's side of the API: a blocking client over a UNIX socket, for tandemctl, tandem-healthd and tandem-exporter.
// Threads: one at a time. Every wait ends at a deadline.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "common/api/json_line.h"

namespace tandem::api {

template <typename T>
using Answer = tl::expected<T, Failure>;

class Client {
 public:
  // exit `unreachable` with what to look at, when nobody listens or the socket may not be opened.
  // A stopped daemon's queue of callers fills up; then connecting, and later sending, waits no longer than `timeout`.
  static Answer<Client> connect(const std::string& socket_path, std::chrono::milliseconds timeout = std::chrono::milliseconds{10'000});
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  using Timeout = std::chrono::milliseconds;

  // One request, one result.
  Answer<Json> call(const std::string& method, const Json& params = Json::object(), Timeout timeout = Timeout{10'000});

  // A stream: `handle` sees each event and returns false to stop early. The answer is the end object. The timeout
  // begins anew with each event; zero waits for ever.
  Answer<Json> stream(const std::string& method, const Json& params, Timeout timeout, const std::function<bool(const Json&)>& handle);

  int fd() const { return fd_; }

 private:
  explicit Client(int fd) : fd_{fd} {}
  Answer<Json> next_line(std::chrono::steady_clock::time_point deadline, bool forever);
  Answer<void> send(const std::string& line);

  int fd_ = -1;
  std::uint64_t next_id_ = 1;
  LineReader reader_{kMaxAnswerBytes};
};

}  // namespace tandem::api
