// SPDX-License-Identifier: Apache-2.0
// libcurl's transfers on our event loop: it says which descriptors and what time to watch, we tell it what happened.
// Threads: the loop's.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <map>

#include "controlplane/loop/loop.h"

namespace tandem::health {

class CurlLoop {
 public:
  using Ended = std::function<void(CURLcode)>;

  explicit CurlLoop(Loop& loop);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  void add(CURL* transfer, Ended ended);  // `ended` comes once, from the loop; it may remove and add transfers
  void remove(CURL* transfer);            // before its handle is cleaned up; without `ended`

 private:
  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int on_timer(CURLM*, long milliseconds, void* self) noexcept;
  void watch(int fd, int what);
  void ready(int fd, std::uint32_t events);
  void act(int fd, int what);

  Loop& loop_;
  CURLM* multi_;
  std::map<int, Loop::Handle> watches_;
  Loop::Handle timer_;
  std::map<CURL*, Ended> transfers_;
};

}  // namespace tandem::health
