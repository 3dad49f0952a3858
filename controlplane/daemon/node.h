// SPDX-License-Identifier: Apache-2.0
// One running tandemd: puts configuration, dataplane, kernel side, health desk and API together. Threads: the loop's.
// Order of life: read everything that can refuse (configuration, state), open the ports, learn the network, publish the first
// generation, run the workers, open the sockets. It ends in the opposite order.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "controlplane/api/node_state.h"
#include "controlplane/api/server.h"
#include "controlplane/config/build.h"
#include "controlplane/config/history.h"
#include "controlplane/config/load.h"
#include "controlplane/daemon/announce.h"
#include "controlplane/daemon/conn_search.h"
#include "controlplane/daemon/health_desk.h"
#include "controlplane/daemon/kernel_side.h"
#include "controlplane/daemon/options.h"
#include "controlplane/daemon/pair_thread.h"
#include "controlplane/daemon/publication.h"
#include "controlplane/daemon/reloads.h"
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
  const RateWindow& rates() const override { return rates_; }
  Sample sample() override;
  Instant now() const override { return clock_.now(); }
  api::Version version() const override;
  double uptime_seconds() const override;
  std::uint64_t generation() const override { return publication_->number(); }
  bool healthd_connected() const override { return health_ && health_->connected(); }
  void fill_process(api::Snapshot& snapshot) const override;
  void republish() override { publication_->soon(); }
  api::Answer<api::Applied> apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string& user,
                                  const std::string& reason) override;
  api::Answer<api::Applied> confirm(const std::string& user) override;
  api::Answer<api::Applied> rollback(const std::string& config_hash, const std::string& user) override;
  std::vector<api::ConfigVersion> history() const override;
  void count_reloads(api::Snapshot& snapshot) const override { reloads_.fill(snapshot); }
  void scan(Found found, std::function<void(Result<>)> done) override { scan_->start(std::move(found), std::move(done)); }
  api::Ha ha() const override;
  void fail_over(const FailoverWish& wish, std::function<void(api::Answer<api::Ha>)> done) override;
  void hold_roles(double seconds, const std::string& user, const std::string& reason) override;
  void resync(const std::string& user, const std::string& reason) override;
  bool run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) override;

 private:
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
  void start_timers();

  void every_second();
  void warn_of_transit();
  void take_events();
  void follow_links();
  void release_slots();
  void expire_overlay();
  void network_changed();
  void tell_pair();
  pair::View pair_view();
  void hear_notice(const pair::Notice& notice);
  bool lacks_backend(const std::string& group);
  bool ready_to_serve();
  std::vector<config::PortInput> port_inputs() const;
  void begin_counting(const BackendRow& row);

  api::Answer<api::Applied> put_in_force(config::Config next, const std::string& text, const std::string& user, const std::string& reason);
  api::Answer<api::Applied> apply(config::ReadOutcome read, double confirm_seconds, const std::string& user, const std::string& reason);
  void take_back();

  Loop& loop_;
  Options options_;
  SteadyClock clock_;
  Instant started_;
  double started_wall_ = 0;
  config::Config config_;
  std::string text_;  // config_'s, word for word

  EventLog events_;
  Board board_;
  config::Overlay overlay_;
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
  std::unique_ptr<PairThread> pair_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<HealthDesk> health_;
  std::vector<bool> link_up_;
  std::vector<std::vector<MacAddress>> group_macs_;  // by PortId: what it takes frames to besides its own
  std::vector<BackendSums> slot_past_;               // what each slot had counted when its present backend came
  std::vector<Loop::Handle> timers_;
  Loop::Handle trial_;
  std::optional<std::string> trial_before_;  // the text that comes back unless the trial is confirmed
};

}  // namespace tandem
