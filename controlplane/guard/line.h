// SPDX-License-Identifier: Apache-2.0
// An entry as one line of text: the same in the state file and between the nodes. Fields are parted by tabs, numbers come first:
// id, node, verdict ("-deny" when it is taken back), prefix, service or "-", time, end or 0 (seconds since 1970), user, reason.
#pragma once

#include "common/base/result.h"
#include "controlplane/guard/entry.h"

namespace tandem::guard {

std::string to_line(const Entry& entry);  // without the line's end
Result<Entry> read_line(std::string_view line);
Result<std::vector<Entry>> read_lines(std::string_view text);

// No control characters, and not endless: what people write must not make two lines of one.
std::string plain_text(std::string_view text);

}  // namespace tandem::guard
