// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/limit_sample.h"

namespace tandem {

std::map<std::string, api::Counts> limited_of(const config::GenerationBuilder::Meters& meters) {
  std::map<std::string, api::Counts> out;
  for (const auto& [service, meter] : meters)
    for (std::size_t kind = 0; kind < kLimitKinds; ++kind)
      out[service][std::string{kLimitKindNames[kind]}] = meter->refused(static_cast<LimitKind>(kind));
  return out;
}

}  // namespace tandem
