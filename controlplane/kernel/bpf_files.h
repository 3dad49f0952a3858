// SPDX-License-Identifier: Apache-2.0
// Where the kernel's programs lie as files: in the build tree for a program that runs from there, else where they are installed.
#pragma once

#include <string>

namespace tandem {

inline constexpr const char* kSteerObject = "steer.bpf.o";
inline constexpr const char* kIngressObject = "ingress_drop.bpf.o";

// `directory`, if given (tandemd's option), is used as it is.
std::string bpf_file(const char* name, const std::string& directory = {});

}  // namespace tandem
