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

  void complain(Code code, const std::string& path, std::string text) const {
    reading.report.add(code, reading.places.of(path), std::move(text));
  }
  std::string line_of(const std::string& path) const { return " (line " + std::to_string(reading.places.of(path).line) + ")"; }
};

void validate(const Judge& judge);

// Its parts.
void validate_dataplane(const Judge& judge);
void validate_ports(const Judge& judge);
void validate_services(const Judge& judge);

// Why no single host can have the address, or an empty text.
std::string_view unusable_reason(const IpAddress& address);

}  // namespace tandem::config
