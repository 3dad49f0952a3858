// SPDX-License-Identifier: Apache-2.0
// What an operator wants to see, read from the params of `capture` and `trace`; and what was seen of one packet, with names.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "common/api/seen_packet.h"
#include "controlplane/api/call.h"
#include "controlplane/api/node_state.h"
#include "dataplane/observe/sighting.h"
#include "dataplane/observe/trace_record.h"

namespace tandem {

// program: [[code, jump true, jump false, k], …], as the caller's libpcap made it: the daemon compiles nobody's text.
api::Answer<FilterProgram> read_program(const Call& call);

// at: ["rx", "tx", "drop", "punt"] (rx, tx, drop: a punted frame was received), port: a name (all), snap_bytes, ring_bytes.
api::Answer<CaptureWish> read_capture(const Call& call, NodeState& node, std::size_t workers);

// Names of ports and backends, as of the moment it was made.
class TraceNames {
 public:
  TraceNames(NodeState& node, std::int64_t wall_offset_ns);
  api::TracedPacket describe(const TraceRecord& record) const;

 private:
  std::string port_name(PortId id) const;
  std::string backend_name(BackendSlot slot) const;

  std::vector<std::string> ports_;
  std::map<std::size_t, std::string> by_slot_;  // "web/web-1"
  std::map<std::tuple<IpAddress, std::uint16_t, Protocol>, std::string> by_vip_;
  std::int64_t wall_offset_ns_;
};

}  // namespace tandem
