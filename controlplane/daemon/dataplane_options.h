// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controlplane/config/config.h"
#include "controlplane/daemon/options.h"
#include "dataplane/dataplane.h"

namespace tandem {

// What the configuration and the command line ask of the dataplane.
DataplaneOptions dataplane_options(const config::Config& config, const Options& options);

}  // namespace tandem
