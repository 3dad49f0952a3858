// SPDX-License-Identifier: Apache-2.0
// The HTTP server, prometheus-cpp's, with what its defaults lack: more threads, a limit for idle connections, clear errors.
#pragma once

#include <prometheus/exposer.h>

#include <memory>
#include <string>

#include "common/base/result.h"

namespace tandem::exporter {

// `listen` is "127.0.0.1:18263": the packaged library knows no IPv6. Port 0 is any free one.
Result<std::unique_ptr<prometheus::Exposer>> open_listener(const std::string& listen);

}  // namespace tandem::exporter
