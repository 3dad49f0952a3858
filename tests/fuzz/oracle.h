// SPDX-License-Identifier: Apache-2.0
// What must come out of the pipeline for a packet, said in a straight line and sharing nothing with dataplane/: which packets are
// forwarded, to whom, and every byte of them. Each service has one backend, so nothing is left to a scheduler. What a strange packet
// becomes is all one here, as long as it is not forwarded: dropped, given to the kernel, answered.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "tests/fuzz/oracle_site.h"
#include "tests/fuzz/slow_rewrite.h"
#include "tests/support/bare_worker.h"

namespace tandem::fuzz {

class Oracle {
 public:
  using Complain = std::function<void(const std::string&)>;
  using Key = std::tuple<IpAddress, unsigned, const Served*>;  // the client's end, and the service
  explicit Oracle(Complain complain) : complain_{std::move(complain)} {}

  // One whole frame that came by `port`, from kStranger, and what came of it.
  void judge(PortId port, const Bytes& frame, const test::Outcome& outcome);

  const std::map<Key, unsigned>& own_ports() const { return ports_; }  // full-nat's, as they were seen to leave

 private:
  // free: no opinion. allowed: it depends on what is remembered, and if it leaves then so.
  enum class Duty : std::uint8_t { free, forbidden, allowed, required };
  struct Ruling {
    Duty duty = Duty::free;
    std::string next_hop = {};  // its MAC
    Bytes packet = {};          // as it must leave, inside a tunnel if there is one
    Places checksums = {};
    const Served* tunnelled = nullptr;
  };

  Ruling rule(PortId port, const Bytes& frame, const test::Outcome& outcome);
  Ruling rule_packet(const Bytes& packet, const SlowPacket& found, const test::Outcome& outcome);
  Ruling rule_request(const Bytes& packet, const SlowPacket& found, const Served& service, const test::Outcome& outcome);
  Ruling rule_reply(const Bytes& packet, const SlowPacket& found, const Served& service, const SlowEnd& client);
  Ruling rule_error(const Bytes& packet, const SlowPacket& found) const;
  Ruling error_to_server(const Bytes& packet, const SlowPacket& found, const SlowPacket& quoted, const Served& service) const;
  Ruling error_to_client(const Bytes& packet, const SlowPacket& found, const SlowPacket& quoted, const Served& service,
                         const SlowEnd& client) const;
  SlowEnd own_end(const Key& key, const test::Outcome& outcome);
  const Key* owner_of_port(const IpAddress& pool, unsigned port) const;
  void note(const SlowPacket& found, const Key& key);
  void compare(const Ruling& ruling, const Bytes& came, const test::Outcome& outcome) const;
  void compare_frame(const Ruling& ruling, const Bytes& came, const test::Sent& sent) const;

  Complain complain_;
  std::set<Key> open_;  // those whose entry must be there
  std::map<Key, unsigned> ports_;
};

}  // namespace tandem::fuzz
