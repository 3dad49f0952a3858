// SPDX-License-Identifier: Apache-2.0
// What the node does by the clock, and when kernel or workers say that something changed.
#include <utility>

#include "controlplane/daemon/node.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

// A worker that wants a neighbour holds a packet meanwhile: somebody waits for his first answer.
constexpr milliseconds kEventPeriod{2}, kLinkPeriod{100};

}  // namespace

void Node::start_timers() {
  timers_.push_back(loop_.every(kEventPeriod, [this] { take_events(); }));
  timers_.push_back(loop_.every(kLinkPeriod, [this] { follow_links(), follow_pair(); }));
  timers_.push_back(loop_.every(OpeningsWatch::kPeriod, [this] { openings_->look(config_, now()); }));
  timers_.push_back(loop_.every(std::chrono::seconds{1}, [this] { every_second(); }));
  rates_.add(sample());
}

void Node::take_events() {
  dataplane_->poll_events([this](const WorkerEvent& event) {
    const std::string worker = "worker " + std::to_string(index(event.worker));
    switch (event.kind) {
      case WorkerEventKind::neighbour_wanted:
        return kernel_->want_client(event.port, event.vlan, event.address);
      case WorkerEventKind::table_full:
        return events_.add(Severity::critical, "table_full", worker,
                           "the connection table is full: for each new connection an old one goes, or it is forwarded untracked");
      case WorkerEventKind::flood_began:
        return events_.add(Severity::warning, "flood", worker,
                           "SYNs are forwarded and not tracked: half-open connections fill their share of the table, or it is nearly full");
      case WorkerEventKind::flood_ended:
        return events_.add(Severity::info, "flood", worker, "SYNs are tracked again");
    }
  });
}

void Node::follow_links() {
  bool changed = false;
  for (const PortState& port : dataplane_->ports()) {
    if (link_up_[index(port.id)] == port.up) continue;
    changed = true;
    link_up_[index(port.id)] = port.up;
    events_.add(port.up ? Severity::info : Severity::critical, "link", "port " + port.name, port.up ? "link is up" : "link is down");
    kernel_->link_changed(port);
    if (port.up) announcer_->announce_again();
  }
  if (!changed) return;
  builder_->set_ports(port_inputs());
  publication_->soon();
}

void Node::network_changed() {
  builder_->set_network(kernel_->network());
  publication_->soon();
}

void Node::every_second() {
  rates_.add(sample());
  warn_of_transit();
  expire_overlay();
  keep_guard();
  release_slots();
  tell_pair();
  if (calls_) calls_->look();
  if (builder_->advance(now())) publication_->soon();
  dataplane_->publisher().collect();
}

// A server that cannot install its packages is a riddle whose answer is here, so it is told once, and not only counted.
void Node::warn_of_transit() {
  if (transit_told_ || rates_.latest()->dropped("transit") == 0) return;
  transit_told_ = true;
  events_.add(Severity::warning, "transit", "node " + config_.node.name,
              "servers send to others than clients by a group's gateway: dropped. [[group]] transit = \"route\" gives it to the kernel");
}

// A removed backend's slot is free once no worker counts an entry for it, and no worker can still read a generation in which
// it took new ones.
void Node::release_slots() {
  const std::vector<BackendSlot> leaving = builder_->leaving();
  if (leaving.empty() || dataplane_->publisher().unreclaimed() > 0) return;
  bool released = false;
  for (const BackendSlot slot : leaving) {
    std::uint64_t opened = 0, removed = 0;
    for (std::size_t w = 0; w < dataplane_->workers(); ++w) {
      const BackendCounters& counters = dataplane_->counters(WorkerId{static_cast<std::uint8_t>(w)}, slot);
      removed += counters.removed_entries.get();  // before opened: a sum read while it changes never looks empty too early
      opened += counters.opened_entries.get();
    }
    if (opened == removed) released = builder_->release(slot, now()) || released;
  }
  if (released) publication_->soon();
}

void Node::expire_overlay() {
  if (!overlay_.next_end() || *overlay_.next_end() > config::wall_now()) return;
  const auto expired = overlay_.expire(config::wall_now());
  if (!expired) return events_.add(Severity::warning, "overlay", "node " + config_.node.name, expired.error().message);
  for (const config::OverlayEntry& entry : *expired)
    events_.add(Severity::info, "overlay", entry.service + "/" + entry.backend,
                "its time is over: " + std::string{config::to_string(entry.field)} + " as configured again", entry.user, entry.reason);
  board_.lay_over(overlay_, now());
  republish();
}

}  // namespace tandem
