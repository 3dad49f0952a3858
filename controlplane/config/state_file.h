// SPDX-License-Identifier: Apache-2.0
// Small files of the state directory, written so that a crash or a full disk leaves the old content or the new, never half.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tandem::config {

// Beside the target, fsync, rename, fsync of the directory.
Result<> write_atomically(const std::string& path, std::string_view content, mode_t mode);

// At most `most` bytes of a regular file; more, or a file that is not there, is an error.
Result<std::string> read_whole_file(const std::string& path, std::size_t most);

bool file_exists(const std::string& path);

}  // namespace tandem::config
