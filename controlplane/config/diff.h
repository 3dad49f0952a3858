// SPDX-License-Identifier: Apache-2.0
// What changes from one configuration to another, in words an operator can check before applying it.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/config.h"

namespace tandem::config {

// A value that changed, or an object (port, group, service, backend, [ha], [sync]) that came or went as a whole: then `before` or `after`
// is empty and the other one sums it up.
struct Change {
  std::string path;  // "service.web.backend.web-3", "service.web.scheduler"
  std::string before, after;

  friend bool operator==(const Change&, const Change&) = default;
};

std::vector<Change> diff(const Config& before, const Config& after);

std::string to_text(const Change& change);  // "service.web.backend.web-3 added: 10.20.0.13:80, weight 1"

}  // namespace tandem::config
