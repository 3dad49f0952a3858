// SPDX-License-Identifier: Apache-2.0
// The API's server: three UNIX sockets in the run directory, one method table (common/api/README.md). Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/api/types.h"
#include "controlplane/api/connection.h"
#include "controlplane/loop/loop.h"

namespace tandem {

class Server {
 public:
  static constexpr std::size_t kMaxClients = 64;

  explicit Server(Loop& loop) : loop_{loop} {}
  ~Server();

  // A method without a handler is answered "not yet built in this version".
  void handle(const std::string& method, Handler handler);
  // Where a reading request with `"node": "peer"` goes; without, it is answered that there is no other node.
  void relay(Handler to_peer) { relay_ = std::move(to_peer); }
  // A request of the other node, which may only read.
  void serve(const std::shared_ptr<Asker>& asker, Peer who, api::Request request, api::Rights most = api::Rights::read);
  Result<> listen(const std::string& run_dir);  // control.sock, status.sock, health.sock

  // What the exporter shows of the API itself.
  const std::map<std::string, api::Counts>& requests() const { return requests_; }
  const std::vector<api::Count>& duration_buckets() const { return durations_; }
  double duration_sum_seconds() const { return duration_sum_; }

 private:
  friend class Connection;
  struct Listener {
    int fd = -1;
    std::string path;
    api::Rights most{};
    Loop::Handle watch;
  };

  Result<> open_socket(const std::string& path, api::Rights most, const char* group);
  void accept(const Listener& listener);
  void dispatch(const CallPtr& call, api::Rights most);
  void count(const std::string& method, const char* result, double seconds);
  void send_to_peer(const CallPtr& call, const api::Method& method);
  void forget(const Connection* connection);

  Loop& loop_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::map<std::string, Handler> handlers_;
  Handler relay_;
  std::map<std::string, api::Counts> requests_;
  std::vector<api::Count> durations_ = std::vector<api::Count>(api::kRequestBucketsSeconds.size() + 1);
  double duration_sum_ = 0;
};

}  // namespace tandem
