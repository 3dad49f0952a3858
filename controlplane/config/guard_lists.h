// SPDX-License-Identifier: Apache-2.0
// What the guard (controlplane/guard) hands to the builder of generations.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "dataplane/model/guard_view.h"

namespace tandem::config {

// Who may enter, as the guard has it: the list for all, and those of services by name.
struct GuardLists {
  std::shared_ptr<const GuardView> view;
  std::map<std::string, std::shared_ptr<const PrefixRules>> of_service;

  std::shared_ptr<const PrefixRules> of(const std::string& service) const {
    const auto found = of_service.find(service);
    return found == of_service.end() ? nullptr : found->second;
  }
};

}  // namespace tandem::config
