// SPDX-License-Identifier: Apache-2.0
// What tandemd's command line says.
#pragma once

#include <optional>
#include <string>

namespace tandem {

struct Options {
  std::string config = "/etc/tandem", run_dir = "/run/tandem", state_dir = "/var/lib/tandem";
  std::string bpf_dir;                // where steer.bpf.o and ingress_drop.bpf.o lie; empty: beside the program, else installed
  std::optional<std::string> replay;  // a configuration with pcap: ports, to run to the end of its inputs
  std::string seed;                   // replay: the hash seed's file; empty: a fixed one
  bool punt_reserve = true;           // off: the punt classes share one rate (a control for tests)
  bool ingress_drop = true;           // off: the kernel sees VIP frames of af_packet ports too (a control for tests)
  bool digests = true;                // off: connections are not compared with the other node's (a control for tests)
  bool state_sync = true;             // off: the other node is told of no connection (a control for tests)
  bool previous_version = false;      // on: speaks with the other node as the release before this one does (for tests)
};

// Nothing: the program is to end with `exit_code` (help, version or a usage error, already said).
std::optional<Options> read_options(int argc, char** argv, int& exit_code);

}  // namespace tandem
