// SPDX-License-Identifier: Apache-2.0
// The programs that send checks the way of clients, run by the kernel itself (BPF_PROG_TEST_RUN) on segments made here.
#include <memory>
#include <optional>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/pkt_cls.h>

#include "common/net/checksum.h"
#include "controlplane/kernel/vip_probes.h"
#include "tests/unit/kernel/frames.h"

namespace tandem {
namespace {

constexpr const char* kProbeObject = TANDEM_BPF_DIR "/vip_probe.bpf.o";
constexpr std::uint8_t kMark = 3, kOtherMark = 7;
constexpr std::size_t kIp = sizeof(EthHeader);

struct Talk {
  const char *node, *backend, *vip;
  bool is_ipv4() const { return ip(node).family == Family::ipv4; }
};
constexpr Talk kTalk4{"10.0.0.1", "10.0.0.11", "203.0.113.10"}, kTalk6{"fd00::1", "fd00::11", "2001:db8::10"};

std::size_t tcp_at(const Frame& frame) { return kIp + (frame[kIp] >> 4 == 4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)); }

IpAddress address_in(const Frame& frame, bool target) {
  if (frame[kIp] >> 4 == 4) {
    Ipv4Header header;
    std::memcpy(&header, frame.data() + kIp, sizeof header);
    return IpAddress{target ? header.target : header.source};
  }
  Ipv6Header header;
  std::memcpy(&header, frame.data() + kIp, sizeof header);
  return IpAddress{target ? header.target : header.source};
}

std::uint16_t word_at(const Frame& frame, std::size_t at) { return static_cast<std::uint16_t>(frame[at] << 8 | frame[at + 1]); }
std::uint16_t source_port(const Frame& frame) { return word_at(frame, tcp_at(frame)); }
std::uint16_t target_port(const Frame& frame) { return word_at(frame, tcp_at(frame) + 2); }
std::uint8_t dscp(const Frame& frame) {
  return frame[kIp] >> 4 == 4 ? frame[kIp + 1] >> 2 : static_cast<std::uint8_t>((word_at(frame, kIp) >> 4 & 0xff) >> 2);
}

Sum tcp_sum(const Frame& frame) {
  const std::size_t tcp = tcp_at(frame), bytes = frame.size() - tcp;
  return pseudo_header_sum(address_in(frame, false), address_in(frame, true), 6, static_cast<std::uint32_t>(bytes)) +
         sum_bytes(frame.data() + tcp, bytes);
}
bool is_sound(const Frame& frame) {
  const bool header = frame[kIp] >> 4 == 6 || fold(sum_bytes(frame.data() + kIp, sizeof(Ipv4Header))) == 0xffff;
  return header && fold(tcp_sum(frame)) == 0xffff;
}

// A segment of odd length as a kernel would send it, checksums and all.
Frame segment(const char* from, const char* to, std::uint16_t from_port, std::uint16_t to_port, std::uint8_t mark = 0) {
  const FrameOf plain;
  const bool v4 = ip(from).family == Family::ipv4;
  Frame frame = tcp(v4 ? plain.ipv4(from, to, 6) : plain.ipv6(from, to, 6), from_port, to_port);
  frame.insert(frame.end(), {7, 1, 9});
  const std::size_t tcp = tcp_at(frame);
  if (v4) frame[kIp + 1] = static_cast<std::uint8_t>(mark << 2 | 1), frame[kIp + 3] = 43;
  else
    frame[kIp] = static_cast<std::uint8_t>(0x60 | mark >> 2), frame[kIp + 1] = static_cast<std::uint8_t>(mark << 6 | 1 << 4),
    frame[kIp + 5] = 23;
  const Be16 sum = finish_checksum(tcp_sum(frame));
  std::memcpy(frame.data() + tcp + 16, &sum, sizeof sum);
  if (!v4) return frame;
  const Be16 header = finish_checksum(sum_bytes(frame.data() + kIp, sizeof(Ipv4Header)));
  std::memcpy(frame.data() + kIp + 10, &header, sizeof header);
  return frame;
}

struct VipProbePrograms : testing::Test {
  std::unique_ptr<bpf_object, decltype(&bpf_object__close)> object{nullptr, bpf_object__close};

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: loading a BPF program takes CAP_BPF and CAP_NET_ADMIN";
    const auto loaded = load_bpf_object(kProbeObject);
    ASSERT_TRUE(loaded) << loaded.error().message;
    object.reset(*loaded);
    for (const Talk& talk : {kTalk4, kTalk6}) know({ip(talk.backend), kMark, ip(talk.vip), 80});
  }
  void know(const VipProbe& probe) const {
    const ProbeKey key = probe_key(probe);
    const ProbeWay way = probe_way(probe);
    ASSERT_EQ(bpf_map_update_elem(bpf_object__find_map_fd_by_name(object.get(), "ways"), &key, &way, BPF_ANY), 0);
  }
  // What becomes of a frame; nothing: it is dropped.
  std::optional<Frame> run(const char* program, const Frame& frame) const {
    Frame left(frame.size() + 100);
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = frame.data(), options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.data_out = left.data(), options.data_size_out = static_cast<std::uint32_t>(left.size());
    const int rc = bpf_prog_test_run_opts(bpf_program__fd(bpf_object__find_program_by_name(object.get(), program)), &options);
    EXPECT_EQ(rc, 0) << "the kernel does not run the program";
    left.resize(options.data_size_out);
    return static_cast<int>(options.retval) == TC_ACT_UNSPEC ? std::optional{left} : std::nullopt;
  }
  Frame sent(const Frame& frame) const { return run("probe_out", frame).value_or(Frame{}); }
  Frame heard(const Frame& frame) const { return run("probe_in", frame).value_or(Frame{}); }
};

TEST_F(VipProbePrograms, AProbeLeavesForTheVipByTheBackendsMac) {
  for (const Talk& talk : {kTalk4, kTalk6}) {
    const Frame probe = segment(talk.node, talk.backend, 40000, 0, kMark), out = sent(probe);
    ASSERT_EQ(out.size(), probe.size());
    EXPECT_TRUE(std::equal(out.begin(), out.begin() + kIp, probe.begin())) << "the link header is as the kernel made it";
    EXPECT_EQ(address_in(out, true), ip(talk.vip));
    EXPECT_EQ(address_in(out, false), ip(talk.node)) << "so that the answer comes back to the node";
    EXPECT_EQ(target_port(out), 80);
    EXPECT_EQ(dscp(out), 0) << "the mark is the node's own affair";
    EXPECT_TRUE(is_sound(probe) && is_sound(out));
  }
}

TEST_F(VipProbePrograms, TheAnswerComesBackAsTheBackends) {
  for (const Talk& talk : {kTalk4, kTalk6}) {
    const Frame answer = segment(talk.vip, talk.node, 80, 40000);
    EXPECT_EQ(heard(answer), answer) << "nobody asked";
    sent(segment(talk.node, talk.backend, 40000, 0, kMark));
    const Frame in = heard(answer);
    EXPECT_EQ(address_in(in, false), ip(talk.backend));
    EXPECT_EQ(source_port(in), 0) << "as its socket knows it";
    EXPECT_TRUE(is_sound(in));
    const Frame another = segment(talk.vip, talk.node, 80, 40001), elsewhere = segment(talk.vip, talk.node, 443, 40000);
    EXPECT_EQ(heard(another), another);
    EXPECT_EQ(heard(elsewhere), elsewhere);
  }
}

TEST_F(VipProbePrograms, WhatIsNoProbeIsLeftAlone) {
  for (const Talk& talk : {kTalk4, kTalk6}) {
    for (const Frame& other : {segment(talk.node, talk.backend, 40000, 80, kMark), segment(talk.node, talk.backend, 40000, 0),
                               segment(talk.node, talk.backend, 40000, 0, kOtherMark), segment(talk.node, talk.vip, 40000, 0, kMark)})
      EXPECT_EQ(sent(other), other) << "and nobody serves port 0";
  }
  const FrameOf plain;
  for (const Frame& other : {plain.arp("10.0.0.1", "10.0.0.11"), udp(plain.ipv4("10.0.0.1", "10.0.0.11", 17), 40000, 0),
                             tcp(plain.ipv4("10.0.0.1", "10.0.0.11", 6, 0, 0x2000), 40000, 0)})
    EXPECT_EQ(sent(other), other);
}

TEST_F(VipProbePrograms, LocalPortsTellWhoseAnswerItIs) {
  know({ip("10.0.0.12"), kMark, ip("203.0.113.10"), 80});
  sent(segment("10.0.0.1", "10.0.0.11", 40000, 0, kMark));
  sent(segment("10.0.0.1", "10.0.0.12", 40001, 0, kMark));
  EXPECT_EQ(address_in(heard(segment("203.0.113.10", "10.0.0.1", 80, 40000)), false), ip("10.0.0.11"));
  EXPECT_EQ(address_in(heard(segment("203.0.113.10", "10.0.0.1", 80, 40001)), false), ip("10.0.0.12"));
}

TEST_F(VipProbePrograms, MarksTellVipsOfOneServerApart) {
  know({ip("10.0.0.11"), kOtherMark, ip("203.0.113.20"), 443});
  const Frame other = sent(segment("10.0.0.1", "10.0.0.11", 40001, 0, kOtherMark));
  EXPECT_EQ(address_in(other, true), ip("203.0.113.20"));
  EXPECT_EQ(target_port(other), 443);
  EXPECT_EQ(address_in(sent(segment("10.0.0.1", "10.0.0.11", 40000, 0, kMark)), true), ip("203.0.113.10"));
}

TEST_F(VipProbePrograms, AResetOfASocketThatIsGoneGoesTheSameWay) {
  for (const Talk& talk : {kTalk4, kTalk6}) {
    const Frame unmarked = segment(talk.node, talk.backend, 40000, 0);
    EXPECT_EQ(sent(unmarked), unmarked);
    sent(segment(talk.node, talk.backend, 40000, 0, kMark));
    EXPECT_EQ(address_in(sent(unmarked), true), ip(talk.vip));
    EXPECT_TRUE(is_sound(sent(unmarked)));
  }
}

TunnelPlan plan_to(const Talk& talk, TunnelKind kind) {
  const Prefix source = parse_prefix(talk.is_ipv4() ? "198.51.100.0/24" : "2001:db8:100::/64").value();
  return {kind, ip(talk.backend).family, source, ip(talk.backend), 6080, 10};
}

TEST_F(VipProbePrograms, BehindATunnelItGoesInsideThePacketsThatClientsGoIn) {
  for (const Talk& talk : {kTalk4, kTalk6})
    for (const TunnelKind kind : {TunnelKind::ipip, TunnelKind::gue_direct, TunnelKind::gue_header}) {
      const TunnelView tunnel = make_tunnel(plan_to(talk, kind));
      know({ip(talk.backend), kMark, ip(talk.vip), 80, tunnel});
      const Frame probe = segment(talk.node, talk.backend, 40000, 0, kMark), out = sent(probe);
      ASSERT_EQ(out.size(), probe.size() + tunnel.bytes);
      Frame inside{out.begin(), out.begin() + kIp};
      inside.insert(inside.end(), out.begin() + static_cast<std::ptrdiff_t>(kIp + tunnel.bytes), out.end());
      EXPECT_EQ(address_in(inside, true), ip(talk.vip));
      EXPECT_TRUE(is_sound(inside));
      EXPECT_EQ(address_in(out, true), ip(talk.backend));
      EXPECT_EQ(address_in(out, false), ip(talk.is_ipv4() ? "198.51.100.0" : "2001:db8:100::"));
      EXPECT_EQ(dscp(out), 10) << "the service's own";
      const std::size_t length = talk.is_ipv4() ? word_at(out, kIp + 2) : word_at(out, kIp + 4) + sizeof(Ipv6Header);
      EXPECT_EQ(length, out.size() - kIp);
      EXPECT_TRUE(!talk.is_ipv4() || fold(sum_bytes(out.data() + kIp, sizeof(Ipv4Header))) == 0xffff);
      if (!tunnel.has_udp()) continue;
      EXPECT_EQ(source_port(out), 0xc000);
      EXPECT_EQ(target_port(out), 6080);
      EXPECT_EQ(word_at(out, tcp_at(out) + 4), out.size() - tcp_at(out)) << "the length in the UDP header";
    }
}

}  // namespace
}  // namespace tandem
