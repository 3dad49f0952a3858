// SPDX-License-Identifier: Apache-2.0
// What this node's half of the pair needs of the world: workers that send, a socket on the sync link, facts about itself, and
// somebody to tell. The daemon has real ones; a simulation has two of them in one process.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "controlplane/ha/pair.h"
#include "controlplane/sync/flows.h"
#include "controlplane/sync/words.h"
#include "dataplane/model/roles.h"

namespace tandem::pair {

using Bytes = std::span<const std::uint8_t>;

// What the node sees of itself at the moment.
struct Facts {
  struct Port {
    bool link = true;
    std::optional<Instant> witness;  // when somebody who is not the peer last answered us there
  };
  bool ready = false;  // workers run and have their first generation
  std::uint64_t stalled_workers = 0;
  Nanoseconds worst_worker_age{0};  // of the loop that is longest ago
  std::vector<Port> ports;          // by PortId
};

using Terms = std::map<std::string, std::uint16_t>;  // the highest ever heard, by group

// Something to be written down for people.
struct Notice {
  enum class Kind : std::uint8_t { role, peer, conflict, stranger, keys, gap, link } kind{};
  bool critical = false, warning = false;
  std::string object, text;
};

class Surroundings {
 public:
  virtual ~Surroundings() = default;

  virtual std::size_t workers() const = 0;
  // By this worker's own transmit queue, or not at all once `deadline` is over.
  virtual bool send(WorkerId by, PortId port, Bytes frame, Instant deadline) = 0;
  virtual void send_sync(Bytes datagram) = 0;
  virtual void set_term(GroupId group, std::uint16_t term) = 0;  // before the roles: new connections carry it
  virtual void set_roles(const Roles& roles) = 0;
  virtual void set_port_halves(PortHalves) {}
  virtual Facts facts(Instant now, Nanoseconds dead_time) = 0;
  virtual void notice(const Notice& notice) = 0;
  virtual void remember(const Terms&) {}  // for the next start of this node
  // Words of the peer (sync/words.h). `peer_new`: it is to be told everything, since it knows nothing or missed something.
  virtual bool has_room_to_hear() const { return true; }
  virtual void heard(sync::Word, std::string) {}
  virtual void peer_new() {}
  virtual FlowWorkers* flows() { return nullptr; }  // null: connections are not synced
};

}  // namespace tandem::pair
