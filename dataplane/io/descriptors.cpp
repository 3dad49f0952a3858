// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/descriptors.h"

#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace tandem {

namespace {

template <typename Wanted>
std::vector<int> own_descriptors(Wanted wanted) {
  std::vector<int> found;
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return found;
  while (const dirent* const entry = readdir(directory)) {
    std::array<char, 64> link{};
    const ssize_t length = readlinkat(dirfd(directory), entry->d_name, link.data(), link.size());
    const int descriptor = std::atoi(entry->d_name);
    if (length > 0 && wanted(descriptor, std::string_view{link.data(), static_cast<std::size_t>(length)})) found.push_back(descriptor);
  }
  closedir(directory);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<int> sockets_of(int wanted) {
  return own_descriptors([wanted](int descriptor, std::string_view link) {
    int domain = 0;
    socklen_t length = sizeof domain;
    return link.starts_with("socket:") && getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == wanted;
  });
}

}  // namespace

std::vector<int> bpf_map_descriptors() {
  return own_descriptors([](int, std::string_view link) { return link == "anon_inode:bpf-map"; });
}

std::vector<int> packet_sockets() { return sockets_of(AF_PACKET); }
std::vector<int> xdp_sockets() { return sockets_of(AF_XDP); }

std::vector<int> added_since(const std::vector<int>& before, const std::vector<int>& after) {
  std::vector<int> added;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(added));
  return added;
}

}  // namespace tandem
