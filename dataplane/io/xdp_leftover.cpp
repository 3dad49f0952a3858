// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/xdp_leftover.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tandem {

namespace {

Result<std::string> program_name(std::uint32_t id) {
  const int descriptor = bpf_prog_get_fd_by_id(id);
  if (descriptor < 0) return fail(std::string{"its name cannot be read ("} + std::strerror(errno) + "; that takes CAP_SYS_ADMIN)");
  bpf_prog_info info{};
  std::uint32_t length = sizeof info;
  const int result = bpf_obj_get_info_by_fd(descriptor, &info, &length);
  close(descriptor);
  if (result != 0) return fail("its name cannot be read");
  return std::string{info.name};
}

}  // namespace

Result<bool> detach_leftover(unsigned interface_number) {
  std::uint32_t id = 0;
  const int interface = static_cast<int>(interface_number);
  if (bpf_xdp_query_id(interface, 0, &id) != 0 || id == 0) return false;
  const std::string there = "an XDP program (id " + std::to_string(id) + ") is attached already";
  const Result<std::string> name = program_name(id);
  if (!name) return fail(there + " and " + name.error().message + "; take it off with: ip link set IF xdp off");
  if (*name != kSteeringProgramName) return fail(there + ", named '" + *name + "', not ours; take it off with: ip link set IF xdp off");
  if (const int result = bpf_xdp_detach(interface, 0, nullptr); result != 0)
    return fail("our own XDP program of an earlier run cannot be detached: " + std::string{std::strerror(-result)});
  return true;
}

}  // namespace tandem
