// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/replay_main.h"

namespace tandem {

int replay_main(const Options&, const config::Config&) { return 1; }

}  // namespace tandem
