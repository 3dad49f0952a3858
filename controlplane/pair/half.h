// SPDX-License-Identifier: Apache-2.0
// This node's half of the pair, whole: the machine that decides (controlplane/ha), the session that proves who speaks
// (controlplane/sync), and what carries both: hellos and VRRP out by the workers, theirs in. A function of what it is handed and
// of time, so that a simulation can hold two. Threads: one at a time, the pair's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/ha/frame.h"
#include "controlplane/ha/pair.h"
#include "controlplane/pair/stats.h"
#include "controlplane/pair/surroundings.h"
#include "controlplane/pair/view.h"

namespace tandem::pair {

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
  std::size_t path_count() const { return paths_.size(); }  // sync, then LANs
  const PathStats& path_stats(std::size_t path) const { return paths_[path].stats; }
  const GroupStats& group_stats(GroupId group) const { return group_stats_[index(group)]; }
  const ha::Local& local() const { return local_; }
  Nanoseconds worst_gap(Instant now) const { return own_gaps_.worst(now); }
  std::string key_text(Instant now) const;
  bool keys_disagree(Instant now) const;

 private:
  struct OnePath {
    PathStats stats;
    ha::Lasting silent;  // while the peer is heard on another
    bool silence_told = false;
  };
  struct OneLan {
    MacAddress learned_mac;            // where the peer's last hello came from
    ha::ChecksumForm checksum_form{};  // as last heard
  };

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

  // writing.cpp
  void write_down(const ha::Orders& orders, Instant now);
  void write_change(const ha::Change& change, Instant now);
  void watch_gaps(bool woke, Instant now);
  void watch_peer(Instant now);
  void watch_keys(Instant now);
  void watch_path(std::size_t path, Instant now);

  // half.cpp
  void place_lans(std::size_t count);
  void look_at_self(Instant now);
  void remember_terms();
  PortHalves port_halves(Instant now);  // port_halves.cpp

  Surroundings& around_;
  Identity self_;
  View view_;
  ha::Pair machine_;
  std::optional<sync::Session> session_;
  std::optional<sync::Flows> flows_;
  std::optional<sync::Words> words_;
  std::uint64_t flow_bytes_ = 0, flow_bytes_heard_ = 0;
  ha::Local local_;
  std::vector<OnePath> paths_;
  std::vector<OneLan> lans_;
  std::vector<GroupStats> group_stats_;  // by GroupId
  std::vector<std::uint8_t> scratch_;
  std::size_t turn_ = 0;  // whose turn it is among the workers
  std::optional<Instant> last_tick_, last_heard_, stranger_told_;
  Instant foreign_until_;       // the other's key file is of another pair
  Nanoseconds stood_still_{0};  // before this tick
  WorstOfHour own_gaps_;
  ha::Lasting alone_;  // the peer is not heard
  bool peer_was_alive_ = false, gap_warned_ = false;
  std::string key_text_told_;
};

}  // namespace tandem::pair
