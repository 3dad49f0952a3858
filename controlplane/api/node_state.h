// SPDX-License-Identifier: Apache-2.0
// What the API's methods need of the node: tandemd implements it, tests hand in a made-up one. Threads: the loop's.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/api/client.h"
#include "common/api/types.h"
#include "common/base/clock.h"
#include "controlplane/api/board.h"
#include "controlplane/api/call.h"
#include "controlplane/api/event_log.h"
#include "controlplane/api/sample.h"
#include "controlplane/config/config.h"
#include "controlplane/config/overlay.h"
#include "controlplane/guard/desk.h"
#include "dataplane/conn/events.h"

namespace tandem {

// One connection found by a scan, still in ids; names are put to it on the loop's thread.
struct FoundConnection {
  WorkerId worker{};
  ConnRecord record;
};

// A planned failover, as an operator asked for it. An empty group means all that this node serves.
struct FailoverWish {
  std::string group;
  bool force = false;
  double wait_seconds = 5;
  std::string user, reason;
};

// A configuration, as an operator wants it in force. Above 0 seconds it is on trial for so long.
struct ConfigWish {
  std::string text, file;
  double confirm_seconds = 0;
  std::string user, reason;
};

// In force here, and where it is not empty on the other node.
struct InForce {
  api::Applied applied;
  std::string peer = {};
};

class NodeState {
 public:
  virtual ~NodeState() = default;

  virtual const config::Config& config() const = 0;
  virtual const std::string& config_text() const = 0;  // config()'s, word for word
  virtual Board& board() = 0;
  virtual EventLog& events() = 0;
  virtual config::Overlay& overlay() = 0;
  virtual guard::Desk& guard() = 0;
  virtual const RateWindow& rates() const = 0;
  virtual Sample sample() = 0;  // the counters of this moment
  virtual Instant now() const = 0;

  virtual api::Version version() const = 0;
  virtual double uptime_seconds() const = 0;
  virtual std::uint64_t generation() const = 0;
  virtual bool hugepages() const = 0;
  virtual bool healthd_connected() const = 0;
  virtual void fill_process(api::Snapshot& snapshot) const = 0;

  // Makes board and overlay take effect: builds and publishes, soon (coalesced).
  virtual void republish() = 0;

  virtual api::Answer<api::Applied> apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string& user,
                                          const std::string& reason) = 0;
  virtual api::Answer<api::Applied> confirm(const std::string& user) = 0;
  virtual api::Answer<api::Applied> rollback(const std::string& config_hash, const std::string& user) = 0;
  virtual std::vector<api::ConfigVersion> history() const = 0;
  virtual void count_reloads(api::Snapshot& snapshot) const = 0;

  // Walks the connection tables beside the loop. `found` comes on the loop's thread in portions, and calls next(go_on) when it has room
  // for more: few portions are ahead of it. `done` comes once, after the last.
  using Next = std::function<void(bool go_on)>;
  using Found = std::function<void(const std::vector<FoundConnection>&, const Next&)>;
  virtual void scan(Found found, std::function<void(Result<>)> done) = 0;

  // Ends a connection: which node's it is to do. busy: ours, but a worker took no more orders.
  enum class Cut : std::uint8_t { here, at_peer, busy };
  virtual Cut cut(const ConnRecord&) { return Cut::busy; }
  virtual void cut_at_peer(const std::vector<ConnRecord>&, std::function<void(std::optional<api::Failure>)> done) { done({}); }

  // Why the other node cannot be told anything now; empty: it can, or there is none.
  virtual std::string peer_silence() const { return {}; }

  // The pair. A node alone has none of it.
  virtual api::Ha ha() const { return {}; }
  virtual void fail_over(const FailoverWish& wish, std::function<void(api::Answer<api::Ha>)> done);
  virtual void hold_roles(double seconds, const std::string& user, const std::string& reason);  // 0: no more
  virtual void resync(const std::string& user, const std::string& reason);

  // Asks healthd for one check now; false when it is not connected.
  virtual bool run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) = 0;

  // What both nodes of a pair have or do.
  // `done` without a failure: the other node has them, or there is none. With one: it is to be told to the operator.
  virtual void tell_peer(const std::vector<config::OverlayEntry>&, std::function<void(std::optional<api::Failure>)> done) { done({}); }
  // What both nodes share is put in force on both or on neither.
  using AppliedDone = std::function<void(api::Answer<InForce>)>;
  virtual void apply_on_both(const ConfigWish& wish, AppliedDone done);
  virtual void confirm_on_both(const std::string& user, AppliedDone done) { done(here(confirm(user))); }
  virtual void rollback_on_both(const std::string& config_hash, const std::string& user, AppliedDone done) {
    done(here(rollback(config_hash, user)));
  }
  static api::Answer<InForce> here(const api::Answer<api::Applied>& applied) {
    return applied ? api::Answer<InForce>{InForce{*applied}} : tl::unexpected{applied.error()};
  }
  // The other node's configuration in force, word for word.
  virtual void peer_config(std::function<void(api::Answer<std::string>)> done);
};

inline void NodeState::fail_over(const FailoverWish&, std::function<void(api::Answer<api::Ha>)> done) {
  done(tl::unexpected{api::Failure{api::Exit::no_such_object, "this node is not one of a pair", ""}});
}
inline void NodeState::apply_on_both(const ConfigWish& wish, AppliedDone done) {
  done(here(apply(wish.text, wish.file, wish.confirm_seconds, wish.user, wish.reason)));
}
inline void NodeState::peer_config(std::function<void(api::Answer<std::string>)> done) {
  done(tl::unexpected{api::Failure{api::Exit::no_such_object, "this node is not one of a pair", ""}});
}
inline void NodeState::hold_roles(double, const std::string&, const std::string&) {}
inline void NodeState::resync(const std::string&, const std::string&) {}

}  // namespace tandem
