// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/server.h"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/api/methods.h"
#include "common/base/ensure.h"

namespace tandem {
namespace {

std::string errno_text() { return std::strerror(errno); }

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// True when a daemon answers there: its socket must not be taken away under it.
bool somebody_listens(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(path);
  const bool answers = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return answers;
}

Peer peer_of(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
  const passwd* entry = ::getpwuid(credentials.uid);
  return Peer{credentials.uid, credentials.pid, entry ? entry->pw_name : std::to_string(credentials.uid)};
}

bool may_call(const api::Method& method, api::Rights most) {
  if (most == api::Rights::change) return true;
  return method.rights == most;
}

std::size_t bucket_of(double seconds) {
  std::size_t at = 0;
  while (at < api::kRequestBucketsSeconds.size() && seconds > api::kRequestBucketsSeconds[at]) ++at;
  return at;
}

}  // namespace

Server::~Server() {
  for (const std::shared_ptr<Connection>& connection : std::exchange(connections_, {})) connection->close();
  for (const std::unique_ptr<Listener>& listener : listeners_) {
    listener->watch.cancel();
    ::close(listener->fd);
    ::unlink(listener->path.c_str());
  }
}

void Server::handle(const std::string& method, Handler handler) {
  ensure(api::find_method(method) != nullptr);
  handlers_[method] = std::move(handler);
}

Result<> Server::listen(const std::string& run_dir) {
  const struct {
    const char *file, *group;
    api::Rights most;
  } sockets[] = {{"control.sock", "tandem-admin", api::Rights::change},
                 {"status.sock", "tandem", api::Rights::read},
                 {"health.sock", "tandem-health", api::Rights::health}};
  for (const auto& socket : sockets)
    if (Result<> opened = open_socket(run_dir + "/" + socket.file, socket.most, socket.group); !opened) return opened;
  return {};
}

Result<> Server::open_socket(const std::string& path, api::Rights most, const char* group) {
  if (path.size() >= sizeof sockaddr_un{}.sun_path) return fail(path + ": longer than a socket's path may be");
  if (somebody_listens(path)) return fail(path + ": another tandemd listens there; stop it, or use another --run-dir");
  ::unlink(path.c_str());
  auto listener = std::make_unique<Listener>();
  listener->fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  listener->path = path;
  listener->most = most;
  const sockaddr_un address = address_of(path);
  const mode_t mask = ::umask(0117);  // made 0660: never open to others, not even for a moment
  const bool bound = ::bind(listener->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(mask);
  if (!bound || ::listen(listener->fd, kMaxClients) != 0) {
    ::close(listener->fd);
    return fail(path + ": " + errno_text());
  }
  if (const struct ::group* entry = ::getgrnam(group))
    if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
      return fail(path + ": chown to group " + group + ": " + errno_text());
  Listener& kept = *listeners_.emplace_back(std::move(listener));
  Result<Loop::Handle> watch = loop_.watch_fd(kept.fd, EPOLLIN, [this, &kept](std::uint32_t) { accept(kept); });
  if (!watch) return fail(watch.error().within(path));
  kept.watch = std::move(*watch);
  return {};
}

void Server::accept(const Listener& listener) {
  const int fd = ::accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  auto connection = std::make_shared<Connection>(*this, fd, peer_of(fd), listener.most);
  if (connections_.size() >= kMaxClients) {
    connection->write(api::error_line(0, {api::Exit::refused, "64 clients are connected already"}));
    return connection->close();
  }
  if (connection->start(loop_)) connections_.push_back(std::move(connection));
}

void Server::dispatch(const CallPtr& call, api::Rights most) {
  const api::Method* method = api::find_method(call->method());
  if (method == nullptr)
    return call->fail({api::Exit::version_mismatch, call->method() + ": no such method", "are tandemctl and tandemd of one version?"});
  if (!may_call(*method, most)) return call->fail({api::Exit::refused, call->method() + ": not over this socket", "use control.sock"});
  const std::string node = call->text_or("node", "");
  if (node == "peer") return send_to_peer(call, *method);
  if (node == "both" && call->method() == "events.follow" && relay_) relay_(call);  // its events beside ours
  const auto handler = handlers_.find(call->method());
  if (handler == handlers_.end()) return call->fail({api::Exit::failed, call->method() + ": not yet built in this version"});
  handler->second(call);
}

void Server::send_to_peer(const CallPtr& call, const api::Method& method) {
  if (method.rights != api::Rights::read)
    return call->fail({api::Exit::usage, call->method() + ": changes something, so it is not relayed", "ask the other node itself"});
  if (!relay_) return call->fail({api::Exit::no_such_object, "this node is not one of a pair", ""});
  relay_(call);
}

void Server::serve(const std::shared_ptr<Asker>& asker, Peer who, api::Request request, api::Rights most) {
  request.params.erase("node");  // or two nodes relay it to each other for ever
  dispatch(std::make_shared<Call>(asker, std::move(who), std::move(request)), most);
}

void Server::count(const std::string& method, const char* result, double seconds) {
  // Only names from the table become labels: a stranger's method name must not.
  ++requests_[api::find_method(method) ? method : "unknown"][result];
  ++durations_[bucket_of(seconds)];
  duration_sum_ += seconds;
}

void Server::forget(const Connection* connection) {
  std::erase_if(connections_, [connection](const std::shared_ptr<Connection>& each) { return each.get() == connection; });
}

}  // namespace tandem
