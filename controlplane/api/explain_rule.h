// SPDX-License-Identifier: Apache-2.0
// Why a packet's backend is the one it is, in a sentence for the operator. Pure.
#pragma once

#include <string>

#include "common/api/seen_packet.h"
#include "dataplane/conn/explained.h"
#include "dataplane/lb/schedule.h"

namespace tandem {

// `named`: the same, with names. By the scheduler of whose backends they are.
std::string rule_of(const ExplainedFlow& flow, const api::Explanation& named, SchedulerKind scheduler);

}  // namespace tandem
