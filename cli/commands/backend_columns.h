// SPDX-License-Identifier: Apache-2.0
// How a backend looks in a line.
#pragma once

#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {

inline std::string full_name(const api::Backend& backend) { return backend.service + "/" + backend.name; }
std::string address_of(const api::Backend& backend);  // "10.20.0.11:80", "[2001:db8::1]:80"
std::string check_of(const api::Backend& backend);    // "ok 0.8 ms", "refused (×12)"
std::string decided_of(const api::Backend& backend);  // "lb-a, the peer's check: down"

// `several`: of more than one service, so that each is named in full.
Columns<api::Backend> backend_columns(bool several);

}  // namespace tandem::cli
