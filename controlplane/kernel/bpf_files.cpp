// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/bpf_files.h"

#include <filesystem>
#include <system_error>

namespace tandem {

std::string bpf_file(const char* name, const std::string& directory) {
  if (!directory.empty()) return directory + "/" + name;
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  const bool in_build_tree = program.starts_with(TANDEM_BUILD_ROOT "/");
  return std::string{in_build_tree ? TANDEM_BPF_DIR : TANDEM_BPF_INSTALL_DIR} + "/" + name;
}

}  // namespace tandem
