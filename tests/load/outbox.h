// SPDX-License-Identifier: Apache-2.0
// What a socket that never blocks has still to send, and reading one until it has no more.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <vector>

namespace tandem::load {

class Outbox {
 public:
  void add(std::span<const std::byte> bytes) { waiting_.insert(waiting_.end(), bytes.begin(), bytes.end()); }
  bool empty() const { return waiting_.empty(); }

  // False when the connection is broken.
  bool flush(int socket) {
    while (!waiting_.empty()) {
      const ssize_t sent = send(socket, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      waiting_.erase(waiting_.begin(), waiting_.begin() + sent);
    }
    return true;
  }

 private:
  std::vector<std::byte> waiting_;
};

enum class Read { later, end, broken };

template <typename Take>
Read read_all(int socket, Take take) {
  std::array<std::byte, 16384> bytes;
  for (;;) {
    const ssize_t got = recv(socket, bytes.data(), bytes.size(), 0);
    if (got == 0) return Read::end;
    if (got < 0) return errno == EAGAIN ? Read::later : Read::broken;
    take(std::span<const std::byte>{bytes}.first(static_cast<std::size_t>(got)));
  }
}

}  // namespace tandem::load
