// SPDX-License-Identifier: Apache-2.0
// A filter in libpcap's language ("tcp port 80 and host 192.0.2.7", pcap-filter(7)), compiled here: the daemon is given the program,
// so it reads nobody's text and resolves nobody's names.
#pragma once

#include <string>
#include <vector>

#include "common/api/client.h"

namespace tandem::cli {

// [[code, jump true, jump false, k], …]; no words: everything passes.
api::Answer<api::Json> compile_filter(const std::vector<std::string>& words);

}  // namespace tandem::cli
