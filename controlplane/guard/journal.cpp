// SPDX-License-Identifier: Apache-2.0
#include "controlplane/guard/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "controlplane/config/state_file.h"

namespace tandem::guard {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr mode_t kMode = 0640;

}  // namespace

Result<std::string> Journal::read() {
  if (path_.empty() || !config::file_exists(path_)) return std::string{};
  Result<std::string> content = config::read_whole_file(path_, kMostBytes);
  if (!content) return content;
  const std::size_t end = content->rfind('\n');
  cut_short_ = !content->empty() && end + 1 != content->size();
  content->resize(end == std::string::npos ? 0 : end + 1);
  return content;
}

Result<> Journal::add(std::string_view lines) {
  if (path_.empty() || lines.empty()) return {};
  if (cut_short_) return fail(path_ + ": an earlier write was cut short");
  const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
  if (file < 0) return fail(path_ + ": " + std::strerror(errno));
  const off_t before = ::lseek(file, 0, SEEK_END);
  const ssize_t written = ::write(file, lines.data(), lines.size());
  const bool done = written == static_cast<ssize_t>(lines.size()) && ::fdatasync(file) == 0;
  const std::string why = written >= 0 && !done ? "the disk is full, or fails" : std::strerror(errno);
  if (!done && ::ftruncate(file, before) != 0) cut_short_ = true;  // half a line stands there: nothing may be added behind it
  ::close(file);
  return done ? Result<>{} : fail(path_ + ": cannot write: " + why);
}

Result<> Journal::write_anew(std::string_view all) {
  if (path_.empty()) return {};
  cut_short_ = false;
  return config::write_atomically(path_, all, kMode);
}

}  // namespace tandem::guard
