// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/seed.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <cstring>

#include "controlplane/config/state_file.h"

namespace tandem::config {
namespace {

Result<HashSeed> make_seed(const std::string& path) {
  HashSeed seed;
  // At most 256 bytes are never given in part once the kernel's pool is ready (getrandom(2)).
  if (::getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size()))
    return fail(path + ": the kernel gave no random bytes");
  const std::string_view bytes{reinterpret_cast<const char*>(seed.data()), seed.size()};
  if (auto written = write_atomically(path, bytes, 0600); !written) return fail(written.error());
  return seed;
}

}  // namespace

Result<HashSeed> load_or_make_seed(const std::string& path) { return file_exists(path) ? load_seed(path) : make_seed(path); }

Result<HashSeed> load_seed(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0) {
    return fail(path + ": others may read or write the hash seed; expected mode 0600 (chmod 600 " + path + ")");
  }
  const Result<std::string> content = read_whole_file(path, 4096);
  if (!content) return fail(content.error());
  HashSeed seed;
  if (content->size() != seed.size()) {
    return fail(path + ": a hash seed has 32 bytes, this file has " + std::to_string(content->size()) + "; move it away to make a new one");
  }
  std::memcpy(seed.data(), content->data(), seed.size());
  return seed;
}

const HashSeed& replay_seed() {
  static constexpr HashSeed kSeed = [] {
    HashSeed seed{};
    constexpr char kText[] = "Tandem replay seed, not a secret";
    static_assert(sizeof kText == sizeof seed + 1);
    for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(kText[i]);
    return seed;
  }();
  return kSeed;
}

}  // namespace tandem::config
