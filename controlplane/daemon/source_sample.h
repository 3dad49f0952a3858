// SPDX-License-Identifier: Apache-2.0
// How full-nat's source addresses are used at one moment. Threads: a control thread; workers go on taking ports.
#pragma once

#include <span>
#include <vector>

#include "common/api/types.h"
#include "controlplane/config/config.h"
#include "dataplane/model/generation.h"

namespace tandem {

// `groups`: as configured, by GroupId.
std::vector<api::Source> sources_of(const Generation& generation, PortHalves halves, std::span<const config::Group> groups);

}  // namespace tandem
