// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/packet_filter.h"

#include <pcap/pcap.h>

#include "cli/commands/options.h"

namespace tandem::cli {
namespace {

constexpr int kSnapMost = 262'144, kOptimize = 1;

struct Compiler {
  Compiler() : handle{pcap_open_dead(DLT_EN10MB, kSnapMost)} {}
  ~Compiler() {
    pcap_freecode(&program);
    if (handle != nullptr) pcap_close(handle);
  }
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  pcap_t* handle;
  bpf_program program{};
};

}  // namespace

api::Answer<api::Json> compile_filter(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  api::Json steps = api::Json::array();
  if (text.empty()) return steps;
  Compiler compiler;
  if (compiler.handle == nullptr) return refuse(api::Exit::failed, "libpcap gives no compiler");
  if (pcap_compile(compiler.handle, &compiler.program, text.c_str(), kOptimize, PCAP_NETMASK_UNKNOWN) != 0)
    return refuse(api::Exit::usage, "filter '" + text + "': " + pcap_geterr(compiler.handle),
                  "as in: tcp port 80 and host 192.0.2.7 (pcap-filter(7))");
  for (u_int i = 0; i < compiler.program.bf_len; ++i) {
    const bpf_insn& step = compiler.program.bf_insns[i];
    steps.push_back({step.code, step.jt, step.jf, step.k});
  }
  return steps;
}

}  // namespace tandem::cli
