// SPDX-License-Identifier: Apache-2.0
// One running tandemd: puts configuration, dataplane, kernel side, health desk and API together. Threads: the loop's.
// Order of life: read everything that can refuse (configuration, state), open the ports, learn the network, publish the first
// generation, run the workers, open the sockets. It ends in the opposite order.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "controlplane/api/node_state.h"
#include "controlplane/api/openings_watch.h"
#include "controlplane/api/peer_calls.h"
#include "controlplane/api/server.h"
#include "controlplane/api/verdicts.h"
#include "controlplane/api/watch_streams.h"
#include "controlplane/config/build.h"
#include "controlplane/config/history.h"
#include "controlplane/config/load.h"
#include "controlplane/daemon/announce.h"
#include "controlplane/daemon/conn_search.h"
#include "controlplane/daemon/health_desk.h"
#include "controlplane/daemon/kernel_side.h"
#include "controlplane/daemon/node_ports.h"
#include "controlplane/daemon/options.h"
#include "controlplane/daemon/pair_thread.h"
#include "controlplane/daemon/publication.h"
#include "controlplane/daemon/reloads.h"
#include "controlplane/daemon/shared_config.h"
#include "controlplane/loop/loop.h"
#include "dataplane/dataplane.h"

namespace tandem {

class Node final : public NodeState {
 public:
  // The configuration has been read and judged. An error says what to do; nothing is left behind.
  static Result<std::unique_ptr<Node>> start(Loop& loop, const Options& options, config::Config config, std::string text);
  ~Node() override;

  void leave(std::function<void()> relieved);  // before the end: the other node takes what we serve
  void reload();                               // SIGHUP: the file on disk, or both
  bool hugepages() const override { return dataplane_->uses_hugepages(); }

  const config::Config& config() const override { return config_; }
  const std::string& config_text() const override { return text_; }
  Board& board() override { return board_; }
  EventLog& events() override { return events_; }
  config::Overlay& overlay() override { return overlay_; }
  guard::Desk& guard() override { return guard_; }
  const RateWindow& rates() const override { return rates_; }
  Sample sample() override;
  Instant now() const override { return clock_.now(); }
  api::Version version() const override;
  double uptime_seconds() const override;
  std::uint64_t generation() const override { return publication_->number(); }
  bool healthd_connected() const override { return health_ && health_->connected(); }
  void fill_process(api::Snapshot& snapshot) const override;
  void republish() override;
  api::Answer<api::Applied> apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string& user,
                                  const std::string& reason) override;
  api::Answer<api::Applied> confirm(const std::string& user) override;
  api::Answer<api::Applied> rollback(const std::string& config_hash, const std::string& user) override;
  std::vector<api::ConfigVersion> history() const override;
  void count_reloads(api::Snapshot& snapshot) const override { reloads_.fill(snapshot); }
  void scan(Found found, std::function<void(Result<>)> done) override { scan_->start(std::move(found), std::move(done)); }
  Cut cut(const ConnRecord& record) override;
  void cut_at_peer(const std::vector<ConnRecord>& records, std::function<void(std::optional<api::Failure>)> done) override;
  api::Ha ha() const override;
  void fail_over(const FailoverWish& wish, std::function<void(api::Answer<api::Ha>)> done) override;
  void hold_roles(double seconds, const std::string& user, const std::string& reason) override;
  void resync(const std::string& user, const std::string& reason) override;
  std::string peer_silence() const override { return pair_ ? why_peer_is_silent() : std::string{}; }
  void tell_peer(const std::vector<config::OverlayEntry>& said, std::function<void(std::optional<api::Failure>)> done) override;
  void apply_on_both(const ConfigWish& wish, AppliedDone done) override;
  void confirm_on_both(const std::string& user, AppliedDone done) override;
  void rollback_on_both(const std::string& config_hash, const std::string& user, AppliedDone done) override;
  void peer_config(std::function<void(api::Answer<std::string>)> done) override;
  bool run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) override;

 private:
  static constexpr std::chrono::milliseconds kExplainPatience{100};  // the loop waits: a worker looks within a turn of its own

  Node(Loop& loop, const Options& options, config::Config config, std::string text);

  Result<> open_state();
  Result<> open_dataplane();
  Result<> open_network();
  Result<> run_workers();
  Result<> open_api();
  Result<> open_keys();
  Result<> start_pair();
  void reload_keys();
  std::string terms_file() const;
  void save_terms(const pair::Terms& terms);
  Result<> accept_group_macs();
  PortSurroundings port_surroundings() const;
  void start_timers();
  void note_buffers(const PoolState& pool);

  void every_second();
  void warn_of_transit();
  void take_events();
  void follow_links();
  void release_slots();
  void expire_overlay();
  void network_changed();
  void tell_pair();
  void heard(sync::Word kind, const std::string& text);  // of the peer
  void peer_new();                                       // tells it everything
  void open_calls();
  std::string why_peer_is_silent() const;
  void serve_peer(const std::shared_ptr<Asker>& asker, api::Request request, const std::string& user);
  api::Answer<api::Json> answer_peer(const api::Request& request, const std::string& user);
  api::Answer<api::Json> take_overlay(const std::string& text);
  api::Answer<api::Json> take_cuts(const api::Json& params);
  void note_taken(const config::OverlayEntry& theirs, const config::Overlay::Taken& taken);
  Result<> open_guard();
  void keep_guard();  // ends what is over, and tells what could not be told
  void tell_guard(std::string lines);
  void tell_next_guard();
  void compare_guard();  // with the other node: each tells what the other has not
  api::Answer<api::Json> take_guard(const std::string& lines);
  std::optional<api::Failure> judge(const config::ReadOutcome& read) const;
  api::Answer<std::string> text_of(const std::string& config_hash) const;  // of the history
  api::Answer<api::Json> prepare(const api::Request& request, const std::string& user);
  api::Answer<api::Json> commit(const std::string& token);
  api::Answer<api::Json> abort(const std::string& token);
  void apply_shared(SharedChange change);
  void commit_shared(SharedChange change);
  void abort_shared(const SharedChange& change, const api::Failure& why);
  void follow_pair();  // who serves which group, and so whose verdicts hold
  void judge_backends();
  void tell_verdicts();
  pair::View pair_view();
  void hear_notice(const pair::Notice& notice);
  bool lacks_backend(const std::string& group);
  bool ready_to_serve();
  std::vector<config::PortInput> port_inputs() const;
  void begin_counting(const BackendRow& row);
  verdict::Begun begun_at(const std::vector<BackendSlot>& slots) const;
  std::vector<VipProbe> vip_probes(const Generation& next) const;
  Result<> open_probes(const config::Config& next);

  api::Answer<api::Applied> put_in_force(config::Config next, const std::string& text, const std::string& user, const std::string& reason);
  api::Answer<api::Applied> apply(config::ReadOutcome read, double confirm_seconds, const std::string& user, const std::string& reason);
  void take_back(const std::string& why);

  Loop& loop_;
  Options options_;
  SteadyClock clock_;
  Instant started_;
  double started_wall_ = 0;
  config::Config config_;
  std::string text_;  // config_'s, word for word

  EventLog events_;
  Board board_;
  Verdicts verdicts_{board_, events_};
  config::Overlay overlay_;
  guard::Desk guard_;
  std::deque<std::string> guard_untold_;  // lines for the other node, told one portion after the other
  bool guard_behind_ = false;             // something was not told: books are to be compared
  std::optional<config::History> history_;
  HashSeed seed_{};
  Reloads reloads_;
  RateWindow rates_;
  bool transit_told_ = false;

  std::unique_ptr<Dataplane> dataplane_;
  std::unique_ptr<config::GenerationBuilder> builder_;
  std::unique_ptr<KernelSide> kernel_;
  std::unique_ptr<Publication> publication_;
  std::unique_ptr<Announcer> announcer_;
  std::unique_ptr<ConnSearch> scan_;
  std::optional<sync::PairKeys> pair_keys_;
  std::unique_ptr<PeerCalls> calls_;
  std::unique_ptr<PairThread> pair_;
  std::unique_ptr<NodePorts> ports_;
  std::unique_ptr<WatchStreams> watches_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<HealthDesk> health_;
  std::unique_ptr<OpeningsWatch> openings_;
  std::vector<bool> link_up_;
  std::vector<std::vector<MacAddress>> group_macs_;  // by PortId: what it takes frames to besides its own
  std::vector<BackendSums> slot_past_;               // what each slot had counted when its present backend came
  std::vector<Loop::Handle> timers_;
  Loop::Handle trial_;
  std::optional<std::string> trial_before_;       // the text that comes back unless the trial is confirmed
  bool trial_on_both_ = false, sharing_ = false;  // sharing_: a change asked for here is on its way to both
  std::optional<PreparedConfig> prepared_;        // by the other node, or the last that came into force so
  std::uint64_t next_token_ = 1;
};

}  // namespace tandem
