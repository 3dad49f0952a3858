// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/derived_mac.h"

#include <cstring>

namespace tandem {

MacAddress derived_mac(const PortOptions& options) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const unsigned char c : options.name + '\n' + options.device) hash = (hash ^ c) * 0x100000001b3;
  MacAddress mac;
  std::memcpy(mac.bytes.data(), &hash, mac.bytes.size());
  mac.bytes[0] = 0x02;
  return mac;
}

}  // namespace tandem
