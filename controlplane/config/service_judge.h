// SPDX-License-Identifier: Apache-2.0
// What one service says in itself: its VIPs, its backends and its check.
#pragma once

#include <string>

#include "controlplane/config/validate.h"

namespace tandem::config {

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
