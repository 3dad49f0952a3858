// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controlplane/config/config.h"
#include "controlplane/daemon/options.h"

namespace tandem {

// tandemd --replay: the production pipeline over captures, one worker, the captures' clock. Prints counters as JSON.
int replay_main(const Options& options, const config::Config& config);

}  // namespace tandem
