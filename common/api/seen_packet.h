// SPDX-License-Identifier: Apache-2.0
// What the API carries of single packets: what would become of one (explain), what one met (trace). As types.h has the rest.
#pragma once

#include "common/api/types.h"

namespace tandem::api {

// A backend that a schedule could give a new connection: one of its two candidates, or another that it chose.
struct Contender {
  std::string backend, state;  // backend: "web/web-1"; empty: there is none
  bool live = false;           // takes new connections
  double turns = 0;            // above the service's mean
  Count connections = 0;       // of both nodes
};

// What would become of a packet if it came now.
struct Explanation {
  std::string node, proto, source, target, packet, role;  // packet: SYN, ACK, datagram. role: client, backend, pool, node
  Count generation = 0;
  std::string service, lender, forwarding, scheduler;  // lender: whose backends; another than the service: its fallback
  std::string group, group_role;                       // of the service; empty: no pair
  std::string port;                                    // that it comes by
  Count vlan = 0, worker = 0, core = 0;
  bool any_worker = false;                         // new and one-way: whoever's queue the NIC chooses
  std::string entry, entry_backend, entry_origin;  // entry: the state of its connection; empty: it has none
  bool entry_exception = false, entry_adopted = false;
  double entry_age_seconds = 0, entry_idle_seconds = 0;
  bool decides = false;  // a schedule was asked
  Contender first, second, chosen;
  std::string rule;                       // why this backend, or how the packet was decided; a sentence
  std::string becomes;                    // the state of its connection afterwards; empty: none is kept
  std::string fate, reason, reason_text;  // fate: sent, held, punted, pair, peer, handed_over, dropped; reason of a drop
  std::string backend, out, next_hop, next_mac;
  std::string left_source, left_target;  // of the outermost header, as it leaves
};

// One packet's way through a worker.
struct TracedPacket {
  std::string time, port, kind, flags, source, target, role, service;  // time: RFC 3339, µs. flags: TCP's, by their letters
  Count worker = 0, bytes = 0, owner = 0;                              // owner: the worker that it was handed over to
  bool handed_over = false;                                            // another worker had received it
  std::string entry, becomes, backend;                                 // states of its connection before and after; empty: none
  std::string stage, fate, reason, punt_class;                         // stage: the pass that decided
  std::string out, left_source, left_target;                           // where it left, as what
};

void to_json(nlohmann::json& out, const Contender& in);
void from_json(const nlohmann::json& in, Contender& out);
void to_json(nlohmann::json& out, const Explanation& in);
void from_json(const nlohmann::json& in, Explanation& out);
void to_json(nlohmann::json& out, const TracedPacket& in);
void from_json(const nlohmann::json& in, TracedPacket& out);

}  // namespace tandem::api
