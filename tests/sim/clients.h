// SPDX-License-Identifier: Apache-2.0
// Clients of the simulation: they send SYN, ACK and FIN to whoever serves their group, now and then by way of the other node, and see
// which server their packets reach. A connection that a node knew keeps its server there through whatever happens; one that was too
// young to be told keeps it if the schedule alone gives it again, and is otherwise begun anew. Two seconds after both nodes hear each
// other again each of them knows every connection, also where both had opened one for the same client.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "tests/sim/sim_node.h"

namespace tandem::sim {

class Clients {
 public:
  using Nodes = std::array<std::unique_ptr<SimNode>, 2>;
  using Carries = std::function<bool(std::size_t from)>;  // the clients' LAN, from this node to the other

  Clients(std::mt19937_64& engine, Nodes& nodes, Carries carries) : engine_{engine}, nodes_{nodes}, carries_{std::move(carries)} {}

  // A little of everything. `hearing`: for how long both have run and heard each other. Nothing: all is well.
  std::optional<std::string> act(Instant now, Nanoseconds hearing);
  void node_forgot(std::size_t node);  // it crashed: what it knew is gone
  void settle() { resting_ = true; }   // nobody speaks any more, so that tables can become equal
  std::optional<std::string> compare_tables() const;
  std::string known_at(std::size_t node, std::uint16_t port) const;  // for a reader

  unsigned adopted() const { return adopted_; }
  unsigned young() const { return young_; }
  unsigned contested() const { return contested_; }

 private:
  struct Flow {
    std::size_t server = 0;
    bool derivable = false;
    Instant opened, spoke;
    ha::Lasting differs;          // what the nodes know of it
    std::array<bool, 2> known{};  // this node had it, and did not crash since
    bool ended = false;           // perhaps: see may_have_ended
    bool contested = false;       // the other node had one of the same client that went elsewhere
  };
  struct Answer {
    std::size_t node = 0, server = 0;
  };

  std::optional<std::size_t> node_for(std::size_t group, std::uint16_t port) const;
  std::optional<Answer> send(std::size_t node, std::uint16_t port, std::uint8_t tcp_flags);
  void open(std::uint16_t port);
  void close(std::uint16_t port);
  std::optional<std::string> speak(std::uint16_t port, Flow& flow);
  std::optional<std::string> look_at(std::uint16_t port, Nanoseconds hearing);
  bool nobody_can_tell(std::uint16_t port) const;
  bool may_have_ended(std::uint16_t port) const;
  bool knows(std::size_t node, std::uint16_t port) const;
  std::optional<std::size_t> server_at(std::size_t node, std::uint16_t port) const;

  std::mt19937_64& engine_;
  Nodes& nodes_;
  Carries carries_;
  std::map<std::uint16_t, Flow> flows_;
  std::array<std::array<Instant, 2>, kClients> heard_{};  // by client and node, of whichever connection
  std::array<std::array<ha::Lasting, kGroups>, 2> serving_;
  Instant now_;
  std::uint16_t turn_ = 0, look_ = 0;
  bool resting_ = false;
  unsigned adopted_ = 0, young_ = 0, contested_ = 0;
};

}  // namespace tandem::sim
