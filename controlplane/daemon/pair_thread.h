// SPDX-License-Identifier: Apache-2.0
// The pair's thread: its own loop, so that a reload of thousands of services delays no heartbeat. It takes the pair's frames from
// the workers and datagrams from the sync link, ticks the half, and answers operators.
// Threads: everything public is the control thread's; `Hooks` and answers are called on the control loop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/api/client.h"
#include "common/base/clock.h"
#include "controlplane/api/node_state.h"
#include "controlplane/daemon/pair_world.h"
#include "controlplane/loop/loop.h"
#include "controlplane/pair/half.h"

namespace tandem {

class PairThread {
 public:
  struct Hooks {
    std::function<void(const pair::Notice&)> tell;
    std::function<void(const pair::Terms&)> remember;
    std::function<void(sync::Word kind, const std::string& text)> heard;  // a word of the peer
    std::function<void()> peer_new;                                       // it is to be told everything
  };
  using Done = std::function<void(api::Answer<api::Ha>)>;

  static Result<std::unique_ptr<PairThread>> start(Loop& control, Dataplane& dataplane, pair::Identity self, pair::View view, Hooks hooks);
  ~PairThread();

  void configure(pair::View view, bool ready);
  api::Ha report() const;  // as of a tenth of a second ago at most
  void fail_over(const FailoverWish& wish, Done done);
  void hold(double seconds);  // 0: no more
  void resync();
  void say(sync::Word kind, std::string text);  // to the peer; what cannot be said now, `peer_new` asks for again
  void use_keys(sync::PairKeys keys);           // the file has others now
  void leave(std::function<void()> relieved);   // once no group is served here any more, or nobody is there to take one, or after kLeave

 private:
  static constexpr std::chrono::milliseconds kReportEvery{100}, kLeave{3000}, kStrays{100};
  static constexpr std::size_t kUnheardBytes = 8 << 20;
  struct Pending {
    std::vector<GroupId> groups;
    Instant until;
    Done done;
  };

  PairThread(Loop& control, Dataplane& dataplane, Hooks hooks);
  PairWorld::Hooks to_control();
  Result<> begin(pair::Identity self, pair::View view);
  void run();
  void turn();
  void drain();
  void tick();
  void set_pace();
  void begin_failover(const FailoverWish& wish, Done done);
  void watch_failovers(Instant now);
  void watch_leaving(Instant now);
  void answer(Done done, api::Answer<api::Ha> what);
  void publish_report(Instant now);
  api::Counts applied() const;

  Loop& control_;
  Dataplane& dataplane_;
  FlowWorkers& flows_;
  Hooks hooks_;
  SteadyClock clock_;
  Loop loop_;
  SyncSocket socket_;
  std::unique_ptr<PairWorld> world_;
  std::unique_ptr<pair::Half> half_;
  std::vector<Loop::Handle> handles_;
  Loop::Handle ticker_;
  std::chrono::milliseconds pace_{0};
  std::vector<Pending> pending_;
  std::function<void()> relieved_;
  bool served_ = false;
  Instant leave_until_, report_due_;
  std::shared_ptr<std::atomic<std::size_t>> unheard_bytes_ =
      std::make_shared<std::atomic<std::size_t>>();  // of words, not yet with the control loop
  mutable std::mutex report_lock_;
  api::Ha report_;
  std::thread thread_;
};

}  // namespace tandem
