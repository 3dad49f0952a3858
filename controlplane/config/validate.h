// SPDX-License-Identifier: Apache-2.0
// Whether a configuration that could be read makes sense: names, limits, addresses, and what one part says against another.
// Values that were refused while reading have their defaults here and are passed over.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/config.h"
#include "controlplane/config/value.h"

namespace tandem::config {

// What the configuration is judged against.
struct Machine {
  std::vector<unsigned> cores;  // those the daemon may run on; empty: not known, not judged
};
Machine this_machine();

// Complaints with the place of the value they are about.
struct Judge {
  const Config& config;
  const Machine& machine;
  Reading& reading;
  Part part = Part::whole;  // of one part alone, nothing is said that rests on the other

  bool has(Part wanted) const { return part == Part::whole || part == wanted; }

  void complain(Code code, const std::string& path, std::string text) const {
    reading.report.add(code, reading.places.of(path), std::move(text));
  }
  std::string line_of(const std::string& path) const { return " (" + reading.report.line_of(reading.places.of(path)) + ")"; }
};

void validate(const Judge& judge);

// Its parts.
void validate_dataplane(const Judge& judge);
void validate_ports(const Judge& judge);
void validate_services(const Judge& judge);
void validate_listens(const Judge& judge);  // what services listen on, all against all
void validate_peer(const Judge& judge);     // the other node's addresses, [sync]
void validate_groups(const Judge& judge);
void validate_members(const Judge& judge);    // services and their groups
void validate_fallbacks(const Judge& judge);  // services and who lends them backends
void validate_datagrams(const Judge& judge);  // one_packet, quic_cid
void validate_checks(const Judge& judge);     // checks by way of the VIP
void validate_pair(const Judge& judge);       // what groups ask of the rest

// A LAN somebody names at `path` must be there: its port, and its tag among those served.
void judge_lan(const Judge& judge, const LanName& lan, const std::string& path);

// Why no single host can have the address, or an empty text.
std::string_view unusable_reason(const IpAddress& address);

}  // namespace tandem::config
