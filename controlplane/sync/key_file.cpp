// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/key_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/ensure.h"
#include "controlplane/config/state_file.h"
#include "controlplane/sync/key_text.h"

namespace tandem::sync {
namespace {

constexpr std::size_t kMostBytes = 4096;
constexpr mode_t kForbidden = 0137;  // nobody executes it, the group does not write it, others do nothing

tl::unexpected<Error> system_error(const std::string& path, const char* what) {
  const int number = errno;
  return fail(path + ": " + what + ": " + std::strerror(number));
}

Result<> judge(const std::string& path, const struct stat& about) {
  if (!S_ISREG(about.st_mode)) return fail(path + ": not a regular file");
  if ((about.st_mode & kForbidden) != 0)
    return fail(path + ": more than its owner and the reading group may touch the pair's secret; expected mode 0600 or 0640 (chmod 600 " +
                path + ")");
  if (about.st_size > static_cast<off_t>(kMostBytes)) return fail(path + ": larger than " + std::to_string(kMostBytes) + " bytes");
  return {};
}

// Judged and read by one descriptor, so that what is read is what was judged.
Result<WipedText> read_judged(int descriptor, const std::string& path) {
  struct stat about {};
  if (::fstat(descriptor, &about) != 0) return system_error(path, "cannot read");
  if (const Result<> fits = judge(path, about); !fits) return fail(fits.error());
  WipedText content{kMostBytes};
  std::size_t filled = 0;
  while (filled < content.text.size()) {
    const ssize_t got = ::read(descriptor, content.text.data() + filled, content.text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, "cannot read");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.text.resize(filled);  // shorter in place: nothing is copied
  return content;
}

}  // namespace

Result<PairKeys> load_keys(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not hold us up
  if (descriptor < 0) return system_error(path, "cannot read");
  const Result<WipedText> content = read_judged(descriptor, path);
  ::close(descriptor);
  if (!content) return fail(content.error());
  Result<PairKeys> keys = parse_keys(content->text);
  if (!keys) return fail(keys.error().within(path));
  return keys;
}

Result<> write_new_keys(const std::string& path, const PairKeys& keys) {
  if (config::file_exists(path)) return fail(path + ": there is a file already; a pair's secret is not overwritten");
  return config::write_atomically(path, print_keys(keys).text, 0600);
}

Result<> replace_keys(const std::string& path, const PairKeys& keys) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return system_error(path, "cannot read");
  if (auto written = config::write_atomically(path, print_keys(keys).text, about.st_mode & 0777); !written) return written;
  if (::chown(path.c_str(), about.st_uid, about.st_gid) != 0) return system_error(path, "written, but it could not keep its owner");
  return {};
}

Chance kernel_chance() {
  return [](std::span<std::uint8_t> into) {
    // At most 256 bytes are never given in part once the kernel's pool is ready (getrandom(2)).
    ensure(into.size() <= 256 && ::getrandom(into.data(), into.size(), 0) == static_cast<ssize_t>(into.size()));
  };
}

}  // namespace tandem::sync
