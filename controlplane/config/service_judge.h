// SPDX-License-Identifier: Apache-2.0
// What one service says in itself: its VIPs, its backends and its check.
#pragma once

#include <string>

#include "controlplane/config/validate.h"

namespace tandem::config {

// The methods that keep the packet's port, as the operator writes them.
inline const char* word_for(ForwardingMethod method) {
  return method == ForwardingMethod::ipip ? "ipip" : method == ForwardingMethod::gue ? "gue" : "l2-dsr";
}

class ServiceJudge {
 public:
  ServiceJudge(const Judge& judge, const Service& service, std::string path) : judge_{judge}, service_{service}, path_{std::move(path)} {}
  void run() const;

 private:
  void judge_listens() const;
  void judge_backends() const;
  void judge_tunnel() const;
  void judge_pool() const;
  void judge_backend(const Backend& backend, const std::string& path) const;
  void judge_kept_port(const Backend& backend, const std::string& path) const;
  void judge_check_port() const;
  void judge_client_address() const;
  void judge_places() const;
  void judge_reach(const Backend& backend, const std::string& path) const;
  void judge_repetitions() const;
  void judge_shares() const;
  void judge_slow_start() const;
  void judge_check() const;
  void judge_clients() const;

  std::string backend_path(std::size_t index) const { return path_ + ".backend[" + std::to_string(index) + "]"; }
  std::string named(const Backend& backend) const;

  const Judge& judge_;
  const Service& service_;
  std::string path_;
};

}  // namespace tandem::config
