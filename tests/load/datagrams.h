// SPDX-License-Identifier: Apache-2.0
// Numbered datagrams to echo servers at a rate, each destination by itself: what was lost, doubled, damaged, who answered, and for
// how long nobody did. One flow at 500 a second is a probe; thousands a second are a load.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/load/endpoint.h"
#include "tests/load/loop.h"
#include "tests/load/numbered.h"

namespace tandem::load {

struct DatagramsWish {
  std::vector<std::string> to;
  double rate = 5000;  // a second and destination
  std::size_t flows = 50;
  double settle_s = 1, run_s = 0;  // run_s 0: until asked to stop
};

// One socket, whose datagrams are numbered from 0.
class Flow final : public Watched {
 public:
  Flow(int socket, std::uint64_t number, Instant& last, std::vector<std::pair<double, double>>& gaps)
      : socket_{socket}, number_{number}, last_{last}, gaps_{gaps} {}
  ~Flow() override;

  void ready(std::uint32_t events) override;
  void send_one();
  std::uint64_t sent() const { return seen_.size(); }
  std::uint64_t received() const { return received_; }
  std::uint64_t doubled() const { return doubled_; }
  std::uint64_t damaged() const { return damaged_; }
  std::uint64_t errors() const { return errors_; }
  const std::map<std::string, std::uint64_t>& servers() const { return servers_; }

 private:
  void take(const Datagram& datagram);

  int socket_;
  std::uint64_t number_, received_ = 0, doubled_ = 0, damaged_ = 0, errors_ = 0;
  std::vector<bool> seen_;  // by number, as far as sent
  std::map<std::string, std::uint64_t> servers_;
  Instant& last_;
  std::vector<std::pair<double, double>>& gaps_;
};

class Datagrams {
 public:
  static Result<std::unique_ptr<Datagrams>> open(const DatagramsWish& wish);
  void run();
  nlohmann::json report() const;

 private:
  struct Way {
    std::string to;
    std::vector<std::unique_ptr<Flow>> flows;
    Instant last{};                               // when somebody answered
    std::vector<std::pair<double, double>> gaps;  // when the last answer before it came, and how long until the next
  };
  bool all_came() const;
  void send_due(Instant now);
  static nlohmann::json report(const Way& way);

  DatagramsWish wish_;
  Loop loop_;
  Instant began_{};
  std::uint64_t sent_ = 0;  // to each way
  Nanoseconds longest_pause_{0};
  std::vector<std::unique_ptr<Way>> ways_;
};

}  // namespace tandem::load
