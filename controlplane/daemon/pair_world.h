// SPDX-License-Identifier: Apache-2.0
// The world as the pair's half meets it in tandemd: workers of the dataplane, and a UDP socket on the sync link.
// Threads: the pair's.
#pragma once

#include <functional>
#include <span>

#include "common/base/result.h"
#include "controlplane/config/config.h"
#include "controlplane/pair/surroundings.h"
#include "dataplane/dataplane.h"

namespace tandem {

// Datagrams to and from the peer alone. A link that is down, or a peer that does not listen, is silence and no error.
class SyncSocket {
 public:
  SyncSocket() = default;
  ~SyncSocket();
  SyncSocket(const SyncSocket&) = delete;
  SyncSocket& operator=(const SyncSocket&) = delete;

  Result<> open(const config::Sync& sync);
  int descriptor() const { return fd_; }
  void send(pair::Bytes datagram) noexcept;
  void receive(const std::function<void(std::span<std::uint8_t>)>& handle);  // all that wait, at most kAtOnce

 private:
  static constexpr std::size_t kAtOnce = 256;
  int fd_ = -1;
};

class PairWorld final : public pair::Surroundings {
 public:
  // Called on the pair's thread.
  struct Hooks {
    std::function<void(const pair::Notice&)> tell;
    std::function<void(const pair::Terms&)> remember;
    std::function<bool()> has_room_to_hear;
    std::function<void(sync::Word kind, std::string text)> heard;
    std::function<void()> peer_new;
  };

  PairWorld(Dataplane& dataplane, SyncSocket& socket, Hooks hooks) : dataplane_{dataplane}, socket_{socket}, hooks_{std::move(hooks)} {}

  std::size_t workers() const override { return dataplane_.workers(); }
  bool send(WorkerId by, PortId port, pair::Bytes frame, Instant deadline) override;
  void send_sync(pair::Bytes datagram) override { socket_.send(datagram); }
  void set_term(GroupId group, std::uint16_t term) override { dataplane_.roles().set_term(group, term); }
  void set_roles(const Roles& roles) override { dataplane_.roles().set(roles); }
  void set_port_halves(PortHalves halves) override { dataplane_.roles().set_port_halves(halves); }
  pair::Facts facts(Instant now, Nanoseconds dead_time) override;
  void notice(const pair::Notice& notice) override { hooks_.tell(notice); }
  void remember(const pair::Terms& terms) override { hooks_.remember(terms); }
  bool has_room_to_hear() const override { return hooks_.has_room_to_hear(); }
  void heard(sync::Word kind, std::string text) override { hooks_.heard(kind, std::move(text)); }
  void peer_new() override { hooks_.peer_new(); }
  FlowWorkers* flows() override { return dataplane_.flows(); }

  void set_ready(bool ready) { ready_ = ready; }

 private:
  Dataplane& dataplane_;
  SyncSocket& socket_;
  Hooks hooks_;
  bool ready_ = false;
};

}  // namespace tandem
