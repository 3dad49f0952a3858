// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/mirror.h"

#include <algorithm>

#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace tandem {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kGroups =
    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_NEIGH;
constexpr std::chrono::milliseconds kRetry{200};
// A flapping routing daemon must not make us dump without pause: at most a tenth of the time goes into it.
constexpr int kDumpShare = 10;
// Datagrams read in one call of the loop, so that its other work gets its turn.
constexpr int kReadsAtOnce = 256;

}  // namespace

Result<> Mirror::start(std::vector<PortInterface> ports, Changed changed) {
  ports_ = std::move(ports);
  changed_ = std::move(changed);
  // Listening begins before the dump: what changes in between is heard, at worst twice.
  auto news = NetlinkSocket::open(kGroups);
  if (!news) return fail(news.error());
  auto requests = NetlinkSocket::open();
  if (!requests) return fail(requests.error());
  news_ = std::move(*news);
  requests_ = std::move(*requests);
  if (auto dumped = dump_all(); !dumped) return dumped;
  auto watched = loop_.watch_fd(news_->fd(), EPOLLIN, [this](std::uint32_t) { on_notifications(); });
  if (!watched) return fail(watched.error());
  readable_ = std::move(*watched);
  view_ = view_of(tables_, ports_);
  return {};
}

void Mirror::follow(std::vector<PortInterface> ports) {
  ports_ = std::move(ports);
  schedule(kCoalesce);
}

Result<> Mirror::dump_all() {
  KernelTables fresh;
  const auto dump = [&](std::uint16_t type, auto header, auto&& begin) {
    NetlinkRequest request{type, 0};
    request.header<decltype(header)>() = header;
    return requests_->dump(request, begin, [&](const nlmsghdr& message) { fresh.take(message); });
  };
  return dump(RTM_GETLINK, ifinfomsg{}, [&] { fresh.links.clear(); })
      .and_then([&] { return dump(RTM_GETADDR, ifaddrmsg{}, [&] { fresh.addresses.clear(); }); })
      .and_then([&] { return dump(RTM_GETNEIGH, ndmsg{}, [&] { fresh.neighbours.clear(); }); })
      .and_then([&] {
        fresh.routes = std::move(tables_.routes);
        tables_ = std::move(fresh);
        return dump_routes();
      });
}

Result<> Mirror::dump_routes() {
  const Instant before = SteadyClock{}.now();
  std::set<RouteMessage> fresh;
  NetlinkRequest request{RTM_GETROUTE, 0};
  request.header<rtmsg>() = rtmsg{};
  const auto dumped = requests_->dump(
      request, [&] { fresh.clear(); },
      [&](const nlmsghdr& message) {
        if (message.nlmsg_type != RTM_NEWROUTE) return;
        for (const RouteMessage& route : read_route(message)) fresh.insert(route);
      });
  dump_time_ = SteadyClock{}.now() - before;
  if (!dumped) return dumped;
  tables_.routes = std::move(fresh);
  tables_.routes_stale = false;
  return {};
}

void Mirror::on_notifications() {
  bool changed = false;
  for (int reads = 0; reads < kReadsAtOnce; ++reads) {
    const auto received = news_->receive([&](const nlmsghdr& message) { changed |= tables_.take(message); });
    if (received == NetlinkSocket::Received::nothing) break;
    if (received == NetlinkSocket::Received::overrun) {
      resync_ = true;
      ++resyncs_;
    }
  }
  if (changed || resync_) schedule(std::max<Nanoseconds>(kCoalesce, dump_time_ * kDumpShare));
}

void Mirror::schedule(Nanoseconds delay) {
  if (scheduled_) return;
  scheduled_ = true;
  if (timer_.active()) {
    timer_.rearm(delay);
  } else {
    timer_ = loop_.after(delay, [this] { flush(); });
  }
}

void Mirror::flush() {
  scheduled_ = false;
  Result<> dumped;
  if (resync_) {
    dumped = dump_all();
  } else if (tables_.routes_stale) {
    dumped = dump_routes();
  }
  if (dumped) {
    resync_ = false;
    trouble_.reset();
  } else {
    trouble_ = dumped.error();
    schedule(kRetry);
  }
  NetworkView next = view_of(tables_, ports_);
  const bool told = differs(view_, next);
  view_ = std::move(next);
  if (told && changed_) changed_(view_);
}

}  // namespace tandem
