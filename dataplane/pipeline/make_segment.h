// SPDX-License-Identifier: Apache-2.0
// Makes the TCP segments of our own that wait (conn/own_segment.h), and sends each as a packet of its connection would go: to the backend
// by the connection's method, to the client from the VIP. Each counts as originated.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// As many as the batch, which is empty, has room for. Relies on context.own_segments.
void make_segments(const Pass& pass) noexcept;

}  // namespace tandem
