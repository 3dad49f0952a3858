// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/node.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "controlplane/api/explainer.h"
#include "controlplane/api/methods.h"
#include "controlplane/config/seed.h"
#include "controlplane/daemon/dataplane_options.h"
#include "controlplane/daemon/limit_sample.h"
#include "controlplane/daemon/process_facts.h"
#include "controlplane/daemon/sampler.h"
#include "controlplane/daemon/source_sample.h"
#include "controlplane/daemon/version.h"

namespace tandem {
namespace {

Result<> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
  return fail(path + ": " + std::strerror(errno));
}

}  // namespace

Node::Node(Loop& loop, const Options& options, config::Config config, std::string text)
    : loop_{loop},
      options_{options},
      started_{clock_.now()},
      started_wall_{wall_seconds()},
      config_{std::move(config)},
      text_{std::move(text)},
      events_{options.state_dir + "/events.jsonl"} {}

Result<std::unique_ptr<Node>> Node::start(Loop& loop, const Options& options, config::Config config, std::string text) {
  std::unique_ptr<Node> node{new Node{loop, options, std::move(config), std::move(text)}};
  for (const auto step : {&Node::open_state, &Node::open_keys, &Node::open_dataplane, &Node::open_network, &Node::run_workers,
                          &Node::start_pair, &Node::open_api})
    if (Result<> done = (node.get()->*step)(); !done) return fail(done.error());
  node->start_timers();
  node->events_.add(Severity::info, "start", "node " + node->config_.node.name,
                    version_text() + ", " + std::to_string(node->dataplane_->workers()) + " workers, " +
                        (node->hugepages() ? "hugepages" : "4 KiB pages (no hugepages were free)"));
  return node;
}

Node::~Node() {
  timers_.clear();
  trial_.cancel();
  const bool was_whole = server_ != nullptr;
  if (was_whole) events_.add(Severity::info, "stop", "node " + config_.node.name, "stopped");
  calls_.reset();  // whoever waits for the other node is answered that it will not
  pair_.reset();
  server_.reset();  // its clients leave the health desk while that is still there
  watches_.reset();
  health_.reset();
  scan_.reset();
  announcer_.reset();
  publication_.reset();
  kernel_.reset();  // filters and maps go before the ports: what comes meanwhile is dropped, not given to the kernel
  if (was_whole) note_buffers(dataplane_->close());
  dataplane_.reset();
}

// Whoever looks for a leak finds it here, exactly: at work some are always under way.
void Node::note_buffers(const PoolState& pool) {
  const std::uint64_t missing = pool.capacity - pool.available;
  const std::string text = missing == 0 ? "all " + std::to_string(pool.capacity) + " came back"
                                        : std::to_string(missing) + " of " + std::to_string(pool.capacity) + " did not come back";
  events_.add(Severity::info, "stop", "packet buffers", text);
}

Result<> Node::open_state() {
  if (Result<> made = make_directory(options_.run_dir, 0755); !made) return made;
  if (Result<> made = make_directory(options_.state_dir, 0750); !made) return made;
  if (Result<> opened = events_.open(); !opened) return opened;
  Result<HashSeed> seed = config::load_or_make_seed(options_.state_dir + "/seed");
  if (!seed) return fail(seed.error());
  seed_ = *seed;
  Result<config::Overlay> overlay = config::Overlay::open(options_.state_dir + "/overlay.json");
  if (!overlay) return fail(overlay.error());
  overlay_ = std::move(*overlay);
  if (Result<> opened = open_guard(); !opened) return opened;
  Result<config::History> history = config::History::open(options_.state_dir + "/history");
  if (!history) return fail(history.error());
  history_ = std::move(*history);
  if (history_->entries().empty() || history_->entries().back().hash != config_.hash)
    return history_->add({0, config_.hash, config::wall_now(), "tandemd", "read at start"}, text_);
  return {};
}

Result<> Node::open_dataplane() {
  Result<std::unique_ptr<Dataplane>> dataplane = Dataplane::open(dataplane_options(config_, options_));
  if (!dataplane) return fail(dataplane.error());
  dataplane_ = std::move(*dataplane);
  for (const PortState& port : dataplane_->ports()) {
    link_up_.push_back(port.up);
    if (!port.note.empty()) events_.add(Severity::info, "port", "port " + port.name, port.note);
  }
  builder_ = std::make_unique<config::GenerationBuilder>(seed_, dataplane_->workers());
  return builder_->set_config(config_, now());
}

Result<> Node::open_network() {
  board_.configure(config_, now());
  board_.lay_over(overlay_, now());
  verdicts_.configure(config_);
  builder_->set_guard(guard_.lists());
  builder_->set_ports(port_inputs());
  kernel_ = std::make_unique<KernelSide>(loop_, clock_, events_, *dataplane_);
  if (Result<> started = kernel_->start({options_.bpf_dir, options_.ingress_drop}, [this] { network_changed(); }); !started) return started;
  builder_->set_network(kernel_->network());
  return {};
}

Result<> Node::run_workers() {
  announcer_ = std::make_unique<Announcer>(loop_, [this](PortId port, const FrameBytes& frame) { dataplane_->inject({port, frame}); });
  const auto before = [this](const Generation& next) { kernel_->feed_maps(next), kernel_->feed_probes(vip_probes(next)); };
  const auto after = [this](const Generation& current) {
    kernel_->after_publish(current, builder_->wanted_neighbours());
    announcer_->generation_changed(current, [this](const IpAddress& vip) { return builder_->announced_on(vip); });
    tell_pair();
  };
  publication_ = std::make_unique<Publication>(loop_, *builder_, board_, events_,
                                               Publication::Hooks{before, after, [this](BackendRow& row) { begin_counting(row); }});
  std::unique_ptr<Generation> first = publication_->first();
  if (Result<> hidden = kernel_->hide_from_kernel(*first); !hidden) return hidden;
  if (Result<> opened = open_probes(config_); !opened) return opened;
  kernel_->feed_probes(vip_probes(*first));
  if (Result<> running = dataplane_->run(std::move(first)); !running) return running;
  publication_->begin(dataplane_->publisher());
  scan_ = std::make_unique<ConnSearch>(loop_, *dataplane_);
  return kernel_->start_twins();
}

Result<> Node::open_api() {
  auto server = std::make_unique<Server>(loop_);
  health_ = std::make_unique<HealthDesk>(*server, *this,
                                         HealthDesk::Hooks{[this](const std::string& service) { verdicts_.touched(service); },
                                                           [this] { judge_backends(); }, [this] { tell_pair(); }});
  openings_ = std::make_unique<OpeningsWatch>(
      board_, events_,
      OpeningsWatch::Hooks{[this](const std::vector<BackendSlot>& slots) { return begun_at(slots); },
                           [this](const std::string& service, const std::string& backend) { return health_->ask(service, backend); }});
  add_methods(*server, *this);
  ports_ = std::make_unique<NodePorts>(*dataplane_, events_, [this] { return port_surroundings(); });
  add_port_methods(*server, *ports_);
  add_explain_method(*server, *this, [this](const FlowQuestion& question) { return dataplane_->explain(question, kExplainPatience); });
  if (WatchDesk* desk = dataplane_->watches()) {
    watches_ = std::make_unique<WatchStreams>(loop_, *this, *desk, dataplane_->workers());
    watches_->add_to(*server);
  }
  if (pair_) server->relay([this](const CallPtr& call) { calls_->relay(call); });
  if (Result<> listening = server->listen(options_.run_dir); !listening) return listening;
  server_ = std::move(server);
  return {};
}

std::vector<config::PortInput> Node::port_inputs() const {
  std::vector<config::PortInput> out;
  for (const PortState& port : dataplane_->ports()) out.push_back({port.mac, port.mtu_bytes, port.twin, port.up});
  return out;
}

// A node alone serves always; of a pair, who has an active group.
PortSurroundings Node::port_surroundings() const {
  PortSurroundings out{.macs = group_macs_};
  for (const config::Port& port : config_.port) out.vlans.push_back(port.vlan);
  for (const config::Service& service : config_.service) {
    for (const config::Listen& listen : service.listen)
      if (!out.vip) out.vip = listen.address;
    if (service.group.empty()) out.serving = "this node serves " + service.name;
  }
  for (const api::HaGroup& group : ha().groups)
    if (group.active) out.serving = "group " + group.name + " is active here";
  return out;
}

Sample Node::sample() {
  Sample out = take_sample(*dataplane_, now(), slot_past_.size());
  for (std::size_t slot = 0; slot < slot_past_.size(); ++slot) out.slots[slot] -= slot_past_[slot];
  for (std::size_t port = 0; port < out.ports.size(); ++port)
    if (out.ports[port].twin == "tap") out.ports[port].interface = kernel_->interface_of(PortId{static_cast<std::uint8_t>(port)});
  out.limited = limited_of(builder_->meters());
  out.sources = sources_of(*dataplane_->publisher().latest(), dataplane_->roles().port_halves(), config().group);
  return out;
}

// A slot keeps its counters when it goes from one backend to the next; what it counted before is not the new one's.
void Node::begin_counting(const BackendRow& row) {
  const bool running = publication_->number() > 0;  // before that there are neither workers nor counts
  for (const BackendSlot slot : row.slots) {
    if (index(slot) >= slot_past_.size()) slot_past_.resize(index(slot) + 1);
    BackendSums past;
    for (std::size_t w = 0; running && w < dataplane_->workers(); ++w)
      past += sums_of(dataplane_->counters(WorkerId{static_cast<std::uint8_t>(w)}, slot));
    slot_past_[index(slot)] = past;
  }
}

verdict::Begun Node::begun_at(const std::vector<BackendSlot>& slots) const {
  verdict::Begun out;
  for (std::size_t w = 0; w < dataplane_->workers(); ++w)
    for (const BackendSlot slot : slots) {
      const BackendCounters& counters = dataplane_->counters(WorkerId{static_cast<std::uint8_t>(w)}, slot);
      out += {counters.answered.get(), counters.refused.get(), counters.unanswered_syns.get()};
    }
  return out;
}

api::Version Node::version() const {
  api::Version version = this_version();
  version.node = config().node.name;
  return version;
}

double Node::uptime_seconds() const { return std::chrono::duration<double>(clock_.now() - started_).count(); }

void Node::fill_process(api::Snapshot& snapshot) const {
  fill_process_facts(snapshot);
  snapshot.start_time_seconds = started_wall_;
}

bool Node::run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) {
  return health_->run(service, backend, std::move(done));
}

}  // namespace tandem
