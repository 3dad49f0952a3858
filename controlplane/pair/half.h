// SPDX-License-Identifier: Apache-2.0
// This node's half of the pair, whole: the machine that decides (controlplane/ha), the session that proves who speaks
// (controlplane/sync), and what carries both: hellos and VRRP out by the workers, theirs in. A function of what it is handed and
// of time, so that a simulation can hold two. Threads: one at a time, the pair's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/config/pair_view.h"
#include "controlplane/ha/frame.h"
#include "controlplane/ha/pair.h"
#include "controlplane/pair/stats.h"
#include "controlplane/pair/surroundings.h"
#include "controlplane/sync/session.h"

namespace tandem::pair {

// What the control thread tells: configuration and network as the pair sees them, and what is decided there.
struct View {
  config::PairView pair;
  std::chrono::milliseconds interval{200};  // `auto` resolved
  std::uint64_t schedule_digest = 0;
  std::vector<std::uint8_t> penalties;  // by group
  std::uint32_t cut_off = 0;            // bit by group: most backends of one of its services fail here alone

  friend bool operator==(const View&, const View&) = default;
};

struct Identity {
  std::string name;
  std::uint64_t boot = 0, capacity = 0;
  std::optional<sync::PairKeys> keys;  // none: RFC 9568 alone elects
  sync::Chance chance;
  std::function<double()> wall;                        // seconds since 1970, for people
  bool state_sync = true;                              // off: connections are told to nobody
  bool digests = true;                                 // off: what they amount to is not compared
  Terms terms;                                         // as remembered by an earlier start
  std::uint8_t newest_version = sync::kNewestVersion;  // less: speaks as an earlier release does
};

class Half {
 public:
  Half(Surroundings& around, Identity self, View view, Instant now);

  void configure(View view, Instant now);
  void receive_frame(PortId port, Bytes frame, Instant received);
  void receive_sync(std::span<std::uint8_t> datagram, Instant received);
  void tick(Instant now);

  // By an operator. The answer: why it cannot be; nothing: it is under way.
  std::optional<std::string> refuse_failover(GroupId group, Instant now) const;
  void fail_over(GroupId group, bool forced) { machine_.fail_over(group, forced); }
  void withdraw(GroupId group) { machine_.withdraw(group); }
  void hold(std::optional<Instant> until) { machine_.hold(until); }
  void leave() { machine_.leave(); }
  void use_keys(sync::PairKeys keys, Instant now) {
    if (session_) session_->use_keys(std::move(keys), now);
  }
  void resync() {
    if (flows_) flows_->walk_again();
  }
  // False: no key, a peer that is not known or hears no words, or no room; in each case `peer_new` comes when it can be said.
  bool say(sync::Word kind, std::string text) { return words_ && words_->say(kind, std::move(text)); }
  bool left() const { return !machine_.serves_any(); }
  bool peer_may_relieve(Instant now) const { return machine_.peer_alive(now) && machine_.peer() && machine_.peer()->ready; }

  // For showing.
  const View& view() const { return view_; }
  const ha::Pair& machine() const { return machine_; }
  const sync::Session* session() const { return session_ ? &*session_ : nullptr; }
  const sync::Flows* flows() const { return flows_ ? &*flows_ : nullptr; }
  const sync::Words* words() const { return words_ ? &*words_ : nullptr; }
  std::uint64_t flow_bytes_sent() const { return flow_bytes_; }
  std::uint64_t flow_bytes_heard() const { return flow_bytes_heard_; }
  const std::vector<PathStats>& path_stats() const { return paths_; }  // by path: sync, then LANs
  const GroupStats& group_stats(GroupId group) const { return groups_[index(group)]; }
  const ha::Local& local() const { return local_; }
  Nanoseconds worst_gap(Instant now) const { return own_gaps_.worst(now); }
  std::string key_text(Instant now) const;
  bool keys_disagree(Instant now) const;

 private:
  // hearing.cpp
  void hear_vrrp(std::size_t lan, const ha::ReceivedPacket& packet, Instant received);
  void hear_datagram(std::size_t path, std::span<std::uint8_t> datagram, Instant received);
  void hear_word(const sync::Opened& opened);
  std::optional<std::size_t> lan_of(PortId port, std::uint16_t vlan) const;
  bool is_peer(std::size_t lan, GroupId group, const IpAddress& address, Instant now) const;
  void note_stranger(GroupId group, std::size_t lan, const IpAddress& from, Instant now);

  // sending.cpp
  void pump_flows(std::optional<std::size_t> path, Instant now);
  void pump_words(std::optional<std::size_t> path, Instant now);
  bool peer_hears_us_on(std::size_t path) const;
  std::optional<std::size_t> way_to_peer(Instant now) const;
  std::uint64_t send_sealed(std::size_t path, const sync::Label& label, Bytes payload, Instant now);
  void send_handshake(Instant now);
  void send_hello(Instant now);
  void send_datagram(std::size_t path, Bytes datagram, Instant now);
  void send_adverts(const ha::Orders::Vrrp& order, Instant now);
  void send_advert(GroupId group, const config::PairView::GroupLan& on, Family family, std::uint8_t priority, Instant now);
  std::vector<ha::Addressing> advert_ways(std::size_t lan, Family family, const MacAddress& mac) const;
  void announce(GroupId group, Instant now);
  void probe(std::size_t lan, Instant now);
  bool beat(PortId port, Bytes frame, Instant now);
  MacAddress peer_mac(std::size_t lan) const;
  MacAddress mac_of(const config::PairView::GroupLan& on, Family family) const;

  // half.cpp
  void look_at_self(Instant now);
  void write_down(const ha::Orders& orders, Instant now);
  void write_change(const ha::Change& change, Instant now);
  void watch_peer(Instant now);
  void remember_terms();
  void watch_paths(Instant now);

  Surroundings& around_;
  Identity self_;
  View view_;
  ha::Pair machine_;
  std::optional<sync::Session> session_;
  std::optional<sync::Flows> flows_;
  std::optional<sync::Words> words_;
  std::uint64_t flow_bytes_ = 0, flow_bytes_heard_ = 0;
  ha::Local local_;
  std::vector<PathStats> paths_;
  std::vector<GroupStats> groups_;
  std::vector<MacAddress> learned_macs_;          // by LAN: where the peer's last hello came from
  std::vector<ha::ChecksumForm> checksum_forms_;  // by LAN: as last heard
  std::vector<std::uint8_t> scratch_;
  std::size_t turn_ = 0;  // whose turn it is among the workers
  std::optional<Instant> last_tick_, last_heard_, stranger_told_;
  Instant foreign_until_;       // the other's key file is of another pair
  Nanoseconds stood_still_{0};  // before this tick
  WorstOfHour own_gaps_;
  bool peer_was_alive_ = false, gap_warned_ = false;
  std::vector<ha::Lasting> silent_paths_;  // by path, while the peer is heard on another
  std::vector<bool> silence_told_;
  std::string key_text_told_;
};

ha::Plan plan_of(const View& view, bool has_key);

}  // namespace tandem::pair
