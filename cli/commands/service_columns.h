// SPDX-License-Identifier: Apache-2.0
// How a service looks in a line: status and service list show the same.
#pragma once

#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {

const Columns<api::Service>& service_columns();
std::string listens_of(const api::Service& service);

}  // namespace tandem::cli
