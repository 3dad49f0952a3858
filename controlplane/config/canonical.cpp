// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/canonical.h"

#include <openssl/evp.h>

#include <array>

#include "common/base/ensure.h"
#include "controlplane/config/parts.h"

namespace tandem::config {

Shown canonical(const Config& config) {
  Shown shown;
  show_config(config, shown);
  return shown;
}

namespace {

std::string digest_of(const Shown& shown) {
  constexpr std::size_t kDigits = 12;
  std::string text;
  // No path or value holds a control character, so a line cannot be mistaken for two.
  for (const auto& [path, value] : shown) text.append(path).append(" = ").append(value).append("\n");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  ensure(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1 && length == 32);
  std::string hash;
  for (std::size_t i = 0; i < kDigits / 2; ++i) {
    hash += "0123456789abcdef"[digest[i] >> 4];
    hash += "0123456789abcdef"[digest[i] & 15];
  }
  return hash;
}

}  // namespace

std::string hash_of(const Config& config) { return digest_of(canonical(config)); }

std::string pair_hash_of(const Config& config) {
  Shown shared = canonical(config);
  std::erase_if(shared, [](const auto& shown) { return part_of_section(shown.first.substr(0, shown.first.find('.'))) != Part::pair; });
  return digest_of(shared);
}

}  // namespace tandem::config
