// SPDX-License-Identifier: Apache-2.0
// Brings together what own checks see, what the peer tells and who decides, into the verdicts that hold; writes down what changes,
// and knows what the peer has to be told. The rules are controlplane/verdict's. Threads: the loop's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/types.h"
#include "controlplane/api/board.h"
#include "controlplane/api/event_log.h"
#include "controlplane/config/config.h"
#include "controlplane/verdict/telling.h"

namespace tandem {

class Verdicts {
 public:
  Verdicts(Board& board, EventLog& events) : board_{board}, events_{events} {}

  void configure(const config::Config& config);  // after the board
  void follow(const api::Ha& ha);                // who serves which group, and what time alone changes; then judge
  void touched(const std::string& service) { touched_.insert(service); }
  void touched_all();                   // an operator took somebody away, or gave him back
  bool hear(std::string_view telling);  // of the peer; false: it is none
  bool judge(Instant now);              // what was touched. True: a backend's state changed, to be published

  // For the peer, each at most `part_bytes`: what is new since the last time, or everything.
  std::vector<std::string> news(std::size_t part_bytes);
  void tell_everything();

  bool cut_off(const std::string& group) const;  // from the backends of one of its services
  bool take_cut_off_change() { return std::exchange(cut_off_changed_, false); }

 private:
  struct Service {
    std::string group;  // empty: nobody else decides
    unsigned panic_threshold = 0;
    Nanoseconds patience{};
    ServiceRow* whole = nullptr;
    std::vector<BackendRow*> rows;  // that are checked
  };

  bool judge(const std::string& name, Service& service, Instant now);
  void update_cut_off(const std::string& name, const Service& service, Instant now);
  verdict::Evidence evidence(const BackendRow& row, verdict::Decider decider, bool stay) const;
  std::vector<bool> kept(const Service& service, const std::vector<verdict::Verdict>& verdicts, verdict::Decider decider) const;
  void write_change(const BackendRow& row, verdict::Verdict before, verdict::Decider decider);
  void write_panic(const std::string& name, const Service& service);
  void forget_heard();
  void hand_over(const verdict::Told& told);
  verdict::Decider decider_of(const std::string& group) const;
  void decides_now(const std::string& group);
  verdict::TwoSights sights(const BackendRow& row) const;
  verdict::Told to_tell(const BackendRow& row, verdict::Decider decider) const;

  Board& board_;
  EventLog& events_;
  std::map<std::string, Service> services_;
  std::map<std::string, verdict::Decider> deciders_;  // by group
  std::string node_, peer_;                           // names
  bool peer_up_ = false, peer_tells_ = false, tell_all_ = false, cut_off_changed_ = false;
  std::set<std::string> touched_, untold_;     // services
  std::map<Board::Key, verdict::Told> told_;   // to the peer
  std::map<Board::Key, verdict::Told> heard_;  // of the peer; also of backends that only its configuration has so far
};

}  // namespace tandem
