// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tandem::config {
namespace {

tl::unexpected<Error> system_error(const std::string& path, std::string_view what) {
  const int number = errno;
  return fail(std::string{path}.append(": ").append(what).append(": ").append(std::strerror(number)));
}

class File {
 public:
  explicit File(int descriptor) : descriptor_{descriptor} {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Result<> fill(const std::string& path, std::string& temporary, std::string_view content, mode_t mode) {
  const File file{::mkostemp(temporary.data(), O_CLOEXEC)};  // made with 0600
  if (!file) return system_error(path, "cannot write beside it");
  if (!write_all(file.get(), content) || ::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) {
    const auto problem = system_error(path, "cannot write");
    ::unlink(temporary.c_str());
    return problem;
  }
  return {};
}

}  // namespace

Result<> write_atomically(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  if (auto filled = fill(path, temporary, content, mode); !filled) return filled;
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto problem = system_error(path, "cannot replace");
    ::unlink(temporary.c_str());
    return problem;
  }
  // Without this the name may still be the old one after a power cut, though the content is safe.
  const File directory{::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory || ::fsync(directory.get()) != 0) return system_error(path, "cannot sync its directory");
  return {};
}

Result<std::string> read_whole_file(const std::string& path, std::size_t most) {
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // a FIFO must not hold us up
  if (!file) return system_error(path, "cannot read");
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return system_error(path, "cannot read");
  if (!S_ISREG(about.st_mode)) return fail(path + ": cannot read: not a regular file");
  std::string content;
  std::array<char, 65536> piece;
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, "cannot read");
    if (got == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(got));
    if (content.size() > most) return fail(path + ": larger than " + std::to_string(most) + " bytes");
  }
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace tandem::config
