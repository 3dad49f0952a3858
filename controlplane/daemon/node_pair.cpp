// SPDX-License-Identifier: Apache-2.0
// What a node does because it is one of two: starts the pair's thread, tells it what changed, hears from it.
#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include "controlplane/config/state_file.h"
#include "controlplane/daemon/node.h"
#include "controlplane/sync/key_file.h"
#include "dataplane/lb/schedule.h"

namespace tandem {
namespace {

constexpr std::chrono::milliseconds kIsolatedInterval{50}, kSharedInterval{200};
constexpr std::chrono::seconds kReadyAtLatest{3};
constexpr std::uint8_t kNoBackendPenalty = 40;

// "2-5,8" of /sys/devices/system/cpu/isolated, which is set at boot.
std::set<unsigned> isolated_cores() {
  std::set<unsigned> out;
  std::ifstream file{"/sys/devices/system/cpu/isolated"};
  for (std::string part; std::getline(file, part, ',');) {
    unsigned first = 0, last = 0;
    const int read = std::sscanf(part.c_str(), "%u-%u", &first, &last);
    if (read < 1) continue;
    for (unsigned core = first; core <= (read == 2 ? last : first); ++core) out.insert(core);
  }
  return out;
}

std::chrono::milliseconds interval_of(const config::Config& config) {
  if (config.ha && config.ha->advert_interval) return *config.ha->advert_interval;
  static const std::set<unsigned> isolated = isolated_cores();
  const std::vector<unsigned>& cores = config.dataplane.cores;
  const bool own = !cores.empty() && std::all_of(cores.begin(), cores.end(), [&](unsigned core) { return isolated.contains(core); });
  return own ? kIsolatedInterval : kSharedInterval;
}

// Equal on both nodes exactly when both would choose alike, in whatever order services stand.
std::uint64_t schedule_digest(const Generation& generation) {
  std::uint64_t out = 0;
  for (const ServiceView& service : *generation.services) {
    if (!service.used) continue;
    const SipKey key{service.schedule->version(), std::uint64_t{service.port} << 8 | static_cast<std::uint64_t>(service.protocol)};
    out += siphash13(key, service.vip.bytes);
  }
  return out;
}

Severity severity_of(const pair::Notice& notice) {
  return notice.critical ? Severity::critical : notice.warning ? Severity::warning : Severity::info;
}

const char* kind_of(pair::Notice::Kind kind) {
  constexpr const char* names[] = {"role", "peer", "conflict", "stranger", "keys", "gap", "link"};
  return names[static_cast<std::size_t>(kind)];
}

std::uint64_t draw_boot_id() {
  std::random_device chance;
  return std::uint64_t{chance()} << 32 | chance();
}

// A line a group: name, highest term. What cannot be read is begun anew.
pair::Terms load_terms(const std::string& path) {
  pair::Terms terms;
  const Result<std::string> text = config::read_whole_file(path, 4096);
  std::istringstream lines{text.value_or("")};
  unsigned term = 0;
  for (std::string name; lines >> name >> term;) terms[name] = static_cast<std::uint16_t>(term);
  return terms;
}

}  // namespace

std::string Node::terms_file() const { return options_.state_dir + "/terms"; }

void Node::save_terms(const pair::Terms& terms) {
  std::string text;
  for (const auto& [name, term] : terms) text += name + " " + std::to_string(term) + "\n";
  if (const Result<> written = config::write_atomically(terms_file(), text, 0640); !written)
    events_.add(Severity::warning, "role", "all groups", written.error().message);
}

// The pair's key file holds the seed that both nodes hash by; a node alone draws its own.
Result<> Node::open_keys() {
  if (!config_.sync || config_.sync->key.empty()) return {};
  Result<sync::PairKeys> keys = sync::load_keys(config_.sync->key);
  if (!keys) return fail(keys.error());
  pair_keys_ = std::move(*keys);
  seed_ = pair_keys_->hash_seed();
  return {};
}

// Keys are rotated under way; the seed is what both nodes hash by, and stays for as long as they run.
void Node::reload_keys() {
  if (!pair_ || !pair_keys_) return;
  Result<sync::PairKeys> keys = sync::load_keys(config_.sync->key);
  if (!keys) return events_.add(Severity::warning, "keys", "pair", keys.error().message + ": the keys in force stay");
  if (keys->hash_seed() != pair_keys_->hash_seed())
    return events_.add(Severity::critical, "keys", "pair", config_.sync->key + " is of another pair: the keys in force stay");
  pair_keys_ = *keys;
  pair_->use_keys(std::move(*keys));
  events_.add(Severity::info, "keys", "pair", "the key file was read again");
}

// Ports take frames to the groups' MACs of this generation, and to no others any more.
Result<> Node::accept_group_macs() {
  const auto& ports = *dataplane_->publisher().latest()->ports;
  group_macs_.resize(ports.size());
  for (std::size_t port = 0; port < ports.size(); ++port) {
    std::vector<MacAddress> macs;
    for (const VirtualMac& each : ports[port].virtual_macs) macs.push_back(each.mac);
    if (macs == group_macs_[port]) continue;
    group_macs_[port] = macs;  // also when it fails: said once, and tried again when they change
    if (Result<> accepted = dataplane_->accept_macs(static_cast<PortId>(port), macs); !accepted) return accepted;
  }
  return {};
}

Result<> Node::start_pair() {
  if (config_.group.empty()) return {};
  if (Result<> accepted = accept_group_macs(); !accepted) return accepted;
  open_calls();
  pair::Identity self{config_.node.name,   draw_boot_id(),   config_.dataplane.connections, pair_keys_, sync::kernel_chance(), wall_seconds,
                      options_.state_sync, options_.digests, load_terms(terms_file())};
  if (options_.previous_version) self.newest_version = sync::kNewestVersion - 1;
  Result<std::unique_ptr<PairThread>> pair = PairThread::start(
      loop_, *dataplane_, std::move(self), pair_view(),
      {[this](const pair::Notice& notice) { hear_notice(notice); }, [this](const pair::Terms& terms) { save_terms(terms); },
       [this](sync::Word kind, const std::string& text) { heard(kind, text); }, [this] { peer_new(); }});
  if (!pair) return fail(pair.error());
  pair_ = std::move(*pair);
  return {};
}

void Node::hear_notice(const pair::Notice& notice) {
  events_.add(severity_of(notice), kind_of(notice.kind), notice.object, notice.text);
  if (notice.kind == pair::Notice::Kind::role) kernel_->feed_maps(*dataplane_->publisher().latest());
}

pair::View Node::pair_view() {
  pair::View view;
  view.pair = builder_->pair(), view.interval = interval_of(config_);
  view.schedule_digest = schedule_digest(*dataplane_->publisher().latest());
  for (std::size_t g = 0; g < config_.group.size(); ++g) {
    view.penalties.push_back(lacks_backend(config_.group[g].name) ? kNoBackendPenalty : 0);
    if (verdicts_.cut_off(config_.group[g].name)) view.cut_off |= 1U << g;
  }
  return view;
}

bool Node::lacks_backend(const std::string& group) {
  return std::any_of(config_.service.begin(), config_.service.end(), [&](const config::Service& service) {
    if (service.group != group) return false;
    const std::vector<BackendRow*> rows = board_.of(service.name);
    return !rows.empty() && std::none_of(rows.begin(), rows.end(), [](const BackendRow* row) { return row->eligible(); });
  });
}

// May serve: the first checks have come in, or nobody will bring them soon.
bool Node::ready_to_serve() {
  const std::vector<BackendRow*> rows = board_.all();
  const bool judged = std::none_of(rows.begin(), rows.end(), [](const BackendRow* row) { return row->check == CheckState::unknown; });
  return judged || now() - started_ >= kReadyAtLatest;
}

void Node::tell_pair() {
  if (!pair_) return;
  if (const Result<> accepted = accept_group_macs(); !accepted)
    events_.add(Severity::critical, "port", "node " + config_.node.name, accepted.error().message);
  pair_->configure(pair_view(), ready_to_serve());
}

api::Ha Node::ha() const { return pair_ ? pair_->report() : api::Ha{}; }

void Node::fail_over(const FailoverWish& wish, std::function<void(api::Answer<api::Ha>)> done) {
  const std::string object = wish.group.empty() ? "all groups" : "group " + wish.group;
  events_.add(Severity::info, "role", object, wish.force ? "failover asked for, forced" : "failover asked for", wish.user, wish.reason);
  pair_->fail_over(wish, std::move(done));
}

void Node::hold_roles(double seconds, const std::string& user, const std::string& reason) {
  pair_->hold(seconds);
  events_.add(seconds > 0 ? Severity::warning : Severity::info, "hold", "all groups",
              seconds > 0 ? "held for " + std::to_string(static_cast<long>(seconds)) + " s" : "no longer held", user, reason);
}

void Node::resync(const std::string& user, const std::string& reason) {
  pair_->resync();
  events_.add(Severity::info, "sync", "all groups", "all connections are told to the peer again", user, reason);
}

void Node::leave(std::function<void()> relieved) {
  if (pair_) return pair_->leave(std::move(relieved));
  relieved();
}

}  // namespace tandem
