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

// libpcap's judge allows a jump back, for what it makes of `protochain`: such a program may never end.
bool leads_forward(const FilterProgram& program) noexcept {
  for (std::size_t i = 0; i < program.size(); ++i)
    if (program[i].code == (BPF_JMP | BPF_JA) && program[i].k >= program.size() - i - 1) return false;
  return true;
}

}  // namespace

Result<> judge_filter(const FilterProgram& program) {
  if (program.empty()) return {};
  if (program.size() > kFilterStepsMost)
    return fail("the filter has " + std::to_string(program.size()) + " steps, at most " + std::to_string(kFilterStepsMost) + " are run");
  const bool sound = bpf_validate(instructions(program), static_cast<int>(program.size())) != 0;
  if (!sound || !leads_forward(program)) return fail("the filter is no sound program");
  return {};
}

bool passes(const FilterProgram& program, std::span<const std::uint8_t> readable, std::uint32_t frame_bytes) noexcept {
  return program.empty() || bpf_filter(instructions(program), readable.data(), frame_bytes, static_cast<u_int>(readable.size())) != 0;
}

}  // namespace tandem
