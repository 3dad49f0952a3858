// SPDX-License-Identifier: Apache-2.0
#include "dataplane/observe/filter.h"

#include <pcap/pcap.h>

#include <cstddef>
#include <string>

namespace tandem {

namespace {

static_assert(sizeof(FilterStep) == sizeof(bpf_insn) && offsetof(FilterStep, k) == offsetof(bpf_insn, k));
static_assert(offsetof(FilterStep, jump_true) == offsetof(bpf_insn, jt) && offsetof(FilterStep, jump_false) == offsetof(bpf_insn, jf));

const bpf_insn* instructions(const FilterProgram& program) noexcept { return reinterpret_cast<const bpf_insn*>(program.data()); }

}  // namespace

Result<> judge_filter(const FilterProgram& program) {
  if (program.empty()) return {};
  if (program.size() > kFilterStepsMost)
    return fail("the filter has " + std::to_string(program.size()) + " steps, at most " + std::to_string(kFilterStepsMost) + " are run");
  if (bpf_validate(instructions(program), static_cast<int>(program.size())) == 0) return fail("the filter is no sound program");
  return {};
}

bool passes(const FilterProgram& program, std::span<const std::uint8_t> readable, std::uint32_t frame_bytes) noexcept {
  return program.empty() || bpf_filter(instructions(program), readable.data(), frame_bytes, static_cast<u_int>(readable.size())) != 0;
}

}  // namespace tandem
