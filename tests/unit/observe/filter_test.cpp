// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include "dataplane/observe/filter.h"
#include "tests/support/packet_builder.h"

namespace tandem {
namespace {

FilterProgram compiled(const char* text) {
  pcap_t* compiler = pcap_open_dead(DLT_EN10MB, 65'535);
  bpf_program program{};
  EXPECT_EQ(pcap_compile(compiler, &program, text, 1, PCAP_NETMASK_UNKNOWN), 0) << text;
  FilterProgram steps;
  for (u_int i = 0; i < program.bf_len; ++i)
    steps.push_back({program.bf_insns[i].code, program.bf_insns[i].jt, program.bf_insns[i].jf, program.bf_insns[i].k});
  pcap_freecode(&program);
  pcap_close(compiler);
  return steps;
}

bool sees(const char* text, const test::Frame& frame) {
  const test::Bytes bytes = frame.bytes();
  return passes(compiled(text), bytes, static_cast<std::uint32_t>(bytes.size()));
}

test::Frame web() {
  return test::frame().eth("02:00:00:00:00:01", "02:00:00:00:aa:05").ipv4("10.0.0.5", "10.0.0.100").tcp(1000, 80, kTcpSyn);
}

TEST(Filter, LetsThroughWhatItNames) {
  EXPECT_TRUE(sees("tcp port 80 and host 10.0.0.5", web()));
  EXPECT_FALSE(sees("udp", web()));
  EXPECT_TRUE(sees("tcp[tcpflags] & tcp-syn != 0", web())) << "rte_bpf's compiler was wrong here";
  EXPECT_FALSE(sees("tcp[tcpflags] & tcp-ack != 0", web()));
  EXPECT_TRUE(sees("vlan 7", web().vlan(7)));
  EXPECT_TRUE(passes({}, {}, 0)) << "no filter";
}

TEST(Filter, ReadsNoByteThatIsNotThere) {
  const test::Bytes bytes = web().bytes();
  const FilterProgram program = compiled("tcp port 80");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::vector<std::uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));  // ASan sees what is behind
    passes(program, cut, static_cast<std::uint32_t>(bytes.size()));
  }
}

TEST(Filter, WhatMayNotEndIsRefused) {
  constexpr std::uint16_t kReturn = BPF_RET | BPF_K, kJump = BPF_JMP | BPF_JA, kStore = BPF_ST;
  EXPECT_TRUE(judge_filter({}));
  EXPECT_TRUE(judge_filter({{kReturn, 0, 0, 1}}));
  EXPECT_FALSE(judge_filter({{kJump, 0, 0, 0xffffffff}, {kReturn, 0, 0, 1}})) << "back to itself";
  EXPECT_FALSE(judge_filter({{kJump, 0, 0, 7}, {kReturn, 0, 0, 1}})) << "out of the program";
  EXPECT_FALSE(judge_filter({{kStore, 0, 0, 1000}, {kReturn, 0, 0, 1}})) << "out of its memory";
  EXPECT_FALSE(judge_filter({{BPF_LD | BPF_IMM, 0, 0, 1}})) << "without an end";
  EXPECT_FALSE(judge_filter(FilterProgram(kFilterStepsMost + 1, {kReturn, 0, 0, 1}))) << "too long for a worker";
}

}  // namespace
}  // namespace tandem
