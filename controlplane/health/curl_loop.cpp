// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/curl_loop.h"

#include <utility>

#include "common/base/ensure.h"

namespace tandem::health {
namespace {

std::uint32_t epoll_events(int what) {
  return (what & CURL_POLL_IN ? std::uint32_t{EPOLLIN} : 0U) | (what & CURL_POLL_OUT ? std::uint32_t{EPOLLOUT} : 0U);
}

int curl_events(std::uint32_t events) {
  return (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
         (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
}

}  // namespace

CurlLoop::CurlLoop(Loop& loop) : loop_{loop}, multi_{curl_multi_init()} {
  ensure(multi_ != nullptr);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() { curl_multi_cleanup(multi_); }

void CurlLoop::add(CURL* transfer, Ended ended) {
  transfers_[transfer] = std::move(ended);
  ensure(curl_multi_add_handle(multi_, transfer) == CURLM_OK);
}

void CurlLoop::remove(CURL* transfer) {
  if (transfers_.erase(transfer) > 0) curl_multi_remove_handle(multi_, transfer);
}

int CurlLoop::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
  static_cast<CurlLoop*>(self)->watch(fd, what);
  return 0;
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) noexcept {
  auto& loop = *static_cast<CurlLoop*>(self);
  loop.timer_.cancel();
  if (milliseconds >= 0)
    loop.timer_ = loop.loop_.after(std::chrono::milliseconds{milliseconds}, [&loop] { loop.act(CURL_SOCKET_TIMEOUT, 0); });
  return 0;
}

void CurlLoop::watch(int fd, int what) {
  const auto known = watches_.find(fd);
  if (what == CURL_POLL_REMOVE) return void(watches_.erase(fd));
  if (known != watches_.end()) return known->second.set_events(epoll_events(what));
  Result<Loop::Handle> made = loop_.watch_fd(fd, epoll_events(what), [this, fd](std::uint32_t events) { ready(fd, events); });
  if (made) watches_[fd] = std::move(*made);  // else the transfer runs into its timeout
}

void CurlLoop::ready(int fd, std::uint32_t events) { act(fd, curl_events(events)); }

void CurlLoop::act(int fd, int what) {
  int running = 0, left = 0;
  curl_multi_socket_action(multi_, fd, what, &running);
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const transfer = message->easy_handle;
    const CURLcode code = message->data.result;  // the message is gone once the transfer is removed
    curl_multi_remove_handle(multi_, transfer);
    if (auto ended = transfers_.extract(transfer)) ended.mapped()(code);
  }
}

}  // namespace tandem::health
