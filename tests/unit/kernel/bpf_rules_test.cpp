// SPDX-License-Identifier: Apache-2.0
// Both kernel programs, run by the kernel itself (BPF_PROG_TEST_RUN) on frames made here.
#include <array>
#include <memory>
#include <optional>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/if_xdp.h>
#include <linux/pkt_cls.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "controlplane/kernel/steering.h"
#include "tests/unit/kernel/frames.h"

namespace tandem {
namespace {

constexpr const char* kSteerObject = TANDEM_BPF_DIR "/steer.bpf.o";
constexpr const char* kIngressObject = TANDEM_BPF_DIR "/ingress_drop.bpf.o";

enum class Goes { to_us, to_kernel, elsewhere };
std::ostream& operator<<(std::ostream& out, Goes goes) {
  return out << std::array{"to Tandem", "to the kernel", "where nobody expected it"}[static_cast<std::size_t>(goes)];
}

struct ProgramUnderTest {
  const char *file, *program;
  int ours, kernels;  // its verdicts; a redirect without a socket is a drop
};
constexpr ProgramUnderTest kSteer{kSteerObject, "steer", XDP_DROP, XDP_PASS};
constexpr ProgramUnderTest kHide{kIngressObject, "hide_vips", TC_ACT_SHOT, TC_ACT_UNSPEC};

constexpr const char* kLetsOut = "00:00:5e:00:01:0c";  // of a group that is active here and routes

// VIPs 203.0.113.10 and 2001:db8::10; nat backends on port 80; the node is 10.0.0.1, fd00::1, and its MAC as FrameOf has it; a
// group's virtual MAC; the other node is 10.0.0.2, fd00::2, and the pair's port 18264.
SteeringView example() {
  SteeringView view;
  const auto add_backend = [&](const char* address, Protocol protocol) {
    const NatBackendEntry backend{.address = ip(address), .protocol = protocol, .port = 80};
    view.backends[steer_key(backend)] = view.backends[steer_key_of_later_fragments(backend)] = 0;
  };
  for (const char* vip : {"203.0.113.10", "2001:db8::10"}) view.vips[steer_key(ip(vip))] = 0;
  for (const char* own : {"10.0.0.1", "fd00::1"}) view.node_addresses[steer_key(ip(own))] = 0;
  for (const char* each : {"10.0.0.11", "fd00::11"}) add_backend(each, Protocol::tcp);
  add_backend("10.0.0.12", Protocol::udp);
  view.node_macs[steer_key(FrameOf{}.target)] = 0;
  view.node_macs[steer_key(mac("00:00:5e:00:01:0a"))] = STEER_VIRTUAL_MAC;
  view.node_macs[steer_key(mac(kLetsOut))] = STEER_VIRTUAL_MAC | STEER_TRANSIT;
  for (const char* peer : {"10.0.0.2", "fd00::2"}) view.peers[steer_key(ip(peer))] = 0;
  view.pair_port[0] = Be16{18264}.wire;
  view.own_mac = {{0, 0x00000002}, {1, 0x0100}};
  return view;
}

struct BpfRules : testing::TestWithParam<ProgramUnderTest> {
  std::unique_ptr<bpf_object, decltype(&bpf_object__close)> object{nullptr, bpf_object__close};
  SteeringMaps maps;
  int program = -1;

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: loading a BPF program takes CAP_BPF and CAP_NET_ADMIN";
    object.reset(bpf_object__open_file(GetParam().file, nullptr));
    ASSERT_TRUE(object) << GetParam().file;
    ASSERT_EQ(bpf_object__load(object.get()), 0) << "the verifier refused it";
    program = bpf_program__fd(bpf_object__find_program_by_name(object.get(), GetParam().program));
    std::vector<int> descriptors;
    bpf_map* map = nullptr;
    bpf_object__for_each_map(map, object.get()) descriptors.push_back(bpf_map__fd(map));
    auto opened = SteeringMaps::open(descriptors);
    ASSERT_TRUE(opened) << opened.error().message;
    maps = std::move(*opened);
    const auto applied = maps.apply(example());
    ASSERT_TRUE(applied) << applied.error().message;
  }

  std::optional<int> run(const Frame& frame, Frame* left = nullptr) const {
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    if (left != nullptr) {
      left->resize(frame.size());
      options.data_out = left->data(), options.data_size_out = static_cast<std::uint32_t>(left->size());
    }
    if (bpf_prog_test_run_opts(program, &options) != 0) return std::nullopt;
    return static_cast<int>(options.retval);
  }
  int verdict(const Frame& frame) const {
    const auto said = run(frame);
    EXPECT_TRUE(said) << "the kernel does not run the program on these " << frame.size() << " bytes";
    return said.value_or(-100);
  }
  Goes where(const Frame& frame) const {
    const int said = verdict(frame);
    return said == GetParam().ours ? Goes::to_us : said == GetParam().kernels ? Goes::to_kernel : Goes::elsewhere;
  }
};

INSTANTIATE_TEST_SUITE_P(Programs, BpfRules, testing::Values(kSteer, kHide),
                         [](const auto& chosen) { return std::string{chosen.param.program}; });

const FrameOf plain;

TEST_P(BpfRules, FramesToAVipAreOursWhateverTheyCarry) {
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80)), Goes::to_us);
  EXPECT_EQ(where(udp(plain.ipv4("192.0.2.1", "203.0.113.10", 17), 40000, 9)), Goes::to_us) << "a port without a service";
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 1), 0, 0)), Goes::to_us) << "ICMP";
  EXPECT_EQ(where(plain.ipv4("192.0.2.1", "203.0.113.10", 6, 0, 0x20b9)), Goes::to_us) << "a later fragment";
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6, 10), 1, 2)), Goes::to_us) << "40 bytes of options";
  EXPECT_EQ(where(tcp(plain.ipv6("2001:db8::1", "2001:db8::10", 6), 40000, 80)), Goes::to_us);
  EXPECT_EQ(where(tcp(plain.ipv6("2001:db8::1", "2001:db8::10", 0), 0, 0)), Goes::to_us) << "hop-by-hop options first";
  EXPECT_EQ(where(tcp(plain.ipv6("2001:db8::1", "2001:db8::10", 44), 0, 0)), Goes::to_us) << "a fragment";
}

TEST_P(BpfRules, FramesForTheNodeAreTheKernels) {
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "10.0.0.1", 6), 40000, 22)), Goes::to_kernel);
  EXPECT_EQ(where(tcp(plain.ipv6("2001:db8::1", "fd00::1", 6), 40000, 22)), Goes::to_kernel);
  EXPECT_EQ(where(tcp(plain.ipv4("203.0.113.10", "10.0.0.1", 6), 80, 40000)), Goes::to_kernel) << "from a VIP is not to one";
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "203.0.113.11", 6), 40000, 80)), Goes::to_kernel) << "the VIP's neighbour";
}

TEST_P(BpfRules, RepliesOfABackendAreOursByAddressProtocolAndPort) {
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000)), Goes::to_us);
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.12", "192.0.2.1", 17), 80, 40000)), Goes::to_us);
  EXPECT_EQ(where(tcp(plain.ipv6("fd00::11", "2001:db8::1", 6), 80, 40000)), Goes::to_us);
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6, 3), 80, 40000)), Goes::to_us) << "with options";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 443, 40000)), Goes::to_kernel) << "another port";
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.11", "192.0.2.1", 17), 80, 40000)), Goes::to_kernel) << "another protocol";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.13", "192.0.2.1", 6), 80, 40000)), Goes::to_kernel) << "another address";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 1), 80, 40000)), Goes::to_kernel) << "ICMP";
}

TEST_P(BpfRules, ABackendsAnswerToTheNodeItselfIsTheKernels) {
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "10.0.0.1", 6), 80, 40000)), Goes::to_kernel) << "a health check";
  EXPECT_EQ(where(tcp(plain.ipv6("fd00::11", "fd00::1", 6), 80, 40000)), Goes::to_kernel);
}

using Octets = std::initializer_list<std::uint8_t>;

// What a client sent to the backend, as somebody behind us complains of it.
Frame to_backend(std::uint16_t port = 80, std::uint16_t option_words = 0, std::uint16_t fragment = 0) {
  return tcp(plain.ipv4("192.0.2.1", "10.0.0.11", 6, option_words, fragment), 40000, port);
}
Frame to_backend6() { return tcp(plain.ipv6("2001:db8::1", "fd00::11", 6), 40000, 80); }
Frame complaint(const FrameOf& by = plain, std::string_view from = "10.0.0.254", std::string_view to = "192.0.2.1") {
  return by.ipv4(from, to, 1);
}
Frame complaint6(const FrameOf& by = plain, std::string_view from = "fd00::fe", std::string_view to = "2001:db8::1") {
  return by.ipv6(from, to, 58);
}

TEST_P(BpfRules, ErrorsAboutWhatClientsSentToABackendAreOursWhoeverMadeThem) {
  for (const std::uint8_t type : Octets{3, 11, 12}) EXPECT_EQ(where(error(complaint(), type, to_backend())), Goes::to_us) << int{type};
  for (const std::uint8_t type : Octets{1, 2, 3, 4}) EXPECT_EQ(where(error(complaint6(), type, to_backend6())), Goes::to_us) << int{type};
  EXPECT_EQ(where(error(complaint(plain, "10.0.0.11"), 3, to_backend())), Goes::to_us) << "the backend itself";
  EXPECT_EQ(where(error(plain.ipv4("10.0.0.254", "192.0.2.1", 1, 10), 3, to_backend(80, 10))), Goes::to_us) << "options in both headers";
  EXPECT_EQ(where(error(complaint(), 3, udp(plain.ipv4("192.0.2.1", "10.0.0.12", 17), 40000, 80))), Goes::to_us);
  EXPECT_EQ(where(error(complaint(), 3, to_backend(80, 0, 0x2000))), Goes::to_us) << "about a first fragment";
}

TEST_P(BpfRules, OtherErrorsAreTheKernels) {
  for (const std::uint8_t type : Octets{0, 4, 5, 8, 13})
    EXPECT_EQ(where(error(complaint(), type, to_backend())), Goes::to_kernel) << int{type};
  for (const std::uint8_t type : Octets{0, 5, 128, 129, 135})
    EXPECT_EQ(where(error(complaint6(), type, to_backend6())), Goes::to_kernel) << int{type};
  EXPECT_EQ(where(error(complaint(), 3, to_backend(22))), Goes::to_kernel) << "about another port";
  EXPECT_EQ(where(error(complaint(), 3, tcp(plain.ipv4("192.0.2.1", "10.0.0.13", 6), 40000, 80))), Goes::to_kernel);
  EXPECT_EQ(where(error(complaint(), 3, tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000))), Goes::to_kernel) << "the other way";
  EXPECT_EQ(where(error(complaint(), 3, to_backend(80, 0, 0x0001))), Goes::to_kernel) << "about a later fragment";
  EXPECT_EQ(where(error(plain.ipv4("10.0.0.254", "192.0.2.1", 1, 0, 0x2000), 3, to_backend())), Goes::to_kernel) << "itself a fragment";
  EXPECT_EQ(where(error(complaint(), 3, plain.ipv4("192.0.2.1", "10.0.0.11", 1))), Goes::to_kernel) << "about a ping";
}

TEST_P(BpfRules, ErrorsToTheNodeAreItsKernels) {
  EXPECT_EQ(where(error(complaint(plain, "10.0.0.11", "10.0.0.1"), 3, to_backend())), Goes::to_kernel) << "a health check that failed";
  EXPECT_EQ(where(error(complaint6(plain, "fd00::11", "fd00::1"), 1, to_backend6())), Goes::to_kernel);
  const FrameOf other{.target = mac("02:00:00:00:00:02")};
  EXPECT_EQ(where(error(complaint(other), 3, to_backend())), Goes::to_kernel) << "to another MAC";
  EXPECT_EQ(where(error(complaint6(other), 1, to_backend6())), Goes::to_kernel);
}

TEST_P(BpfRules, ErrorsByAGroupsGatewayAreOursAlsoWhereServersAreLetOut) {
  const FrameOf lets_out{.target = mac(kLetsOut)};
  EXPECT_EQ(where(error(complaint(lets_out), 3, to_backend())), Goes::to_us);
  EXPECT_EQ(where(error(complaint6(lets_out), 1, to_backend6())), Goes::to_us);
  EXPECT_EQ(where(error(complaint(lets_out), 3, to_backend(22))), Goes::to_kernel);
}

TEST_P(BpfRules, QuotesThatLieAreTheKernels) {
  for (const std::uint8_t first : Octets{0x44, 0x4f, 0x65, 0x00}) {
    Frame quoted = to_backend();
    quoted[14] = first;  // too short, past the end, another version
    EXPECT_EQ(where(error(complaint(), 3, quoted)), Goes::to_kernel) << int{first};
  }
  Frame quoted = to_backend6();
  quoted[14] = 0x40;
  EXPECT_EQ(where(error(complaint6(), 1, quoted)), Goes::to_kernel);
}

TEST_P(BpfRules, ABackendsFrameToAnotherMacIsNotOurs) {
  const FrameOf other{.target = mac("02:00:00:00:00:02")};
  EXPECT_EQ(where(tcp(other.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000)), Goes::to_kernel);
  EXPECT_EQ(where(tcp(other.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80)), Goes::to_us) << "a VIP's is, whoever's MAC it has";
}

TEST_P(BpfRules, FramesToAGroupsMacAreOurs) {
  const FrameOf by_group{.target = mac("00:00:5e:00:01:0a")}, by_another{.target = mac("00:00:5e:00:01:0b")};
  EXPECT_EQ(where(tcp(by_group.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000)), Goes::to_us) << "a reply";
  EXPECT_EQ(where(tcp(by_group.ipv4("10.0.0.11", "198.51.100.1", 6), 50000, 443)), Goes::to_us) << "a server's way out";
  EXPECT_EQ(where(tcp(by_group.ipv6("fd00::11", "2001:db8::9", 6), 50000, 443)), Goes::to_us);
  EXPECT_EQ(where(by_group.arp("10.0.0.11", "203.0.113.10")), Goes::to_us);
  EXPECT_EQ(where(by_group.arp("10.0.0.11", "10.0.0.1")), Goes::to_kernel);
  EXPECT_EQ(where(tcp(by_another.ipv4("10.0.0.11", "198.51.100.1", 6), 50000, 443)), Goes::to_kernel) << "another VRID";
  EXPECT_EQ(where(tcp(by_another.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000)), Goes::to_kernel);
}

TEST_P(BpfRules, WhereServersAreLetOutTheKernelRoutesWhatIsOfNoServiceByThePortsMac) {
  const FrameOf by_group{.target = mac(kLetsOut)};
  for (const Frame& frame :
       {tcp(by_group.ipv4("10.0.0.11", "198.51.100.1", 6), 50000, 443), tcp(by_group.ipv6("fd00::11", "2001:db8::9", 6), 50000, 443),
        tcp(by_group.ipv4("10.0.0.11", "192.0.2.1", 1), 8, 0)}) {
    Frame left;
    EXPECT_EQ(run(frame, &left), GetParam().kernels);
    Frame wanted = frame;
    std::memcpy(wanted.data(), FrameOf{}.target.bytes.data(), 6);
    EXPECT_EQ(left, wanted) << "nothing but the target's MAC is another";
  }
  EXPECT_EQ(where(tcp(by_group.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000)), Goes::to_us) << "a reply";
  EXPECT_EQ(where(tcp(by_group.ipv6("fd00::11", "2001:db8::1", 6), 80, 40000)), Goes::to_us);
  EXPECT_EQ(where(tcp(by_group.ipv4("10.0.0.11", "203.0.113.10", 6), 50000, 80)), Goes::to_us) << "a VIP is a service's";
  EXPECT_EQ(where(tcp(by_group.ipv4("10.0.0.11", "192.0.2.1", 6, 0, 0x2000), 80, 40000)), Goes::to_us) << "a reply's first fragment";
  EXPECT_EQ(where(by_group.ipv4("10.0.0.11", "192.0.2.1", 6, 0, 0x0001)), Goes::to_us) << "a later one may be a reply's";
  EXPECT_EQ(where(tcp(by_group.ipv6("fd00::11", "2001:db8::1", 44), 0, 0)), Goes::to_us);
}

TEST_P(BpfRules, AnAnswerToAQuestionWithoutASenderIsOursWhileThereIsAPair) {
  const Frame answer = plain.arp("10.0.0.254", "0.0.0.0", 2);
  EXPECT_EQ(where(answer), Goes::to_us);
  EXPECT_EQ(where(plain.arp("10.0.0.254", "10.0.0.1", 2)), Goes::to_kernel);
  EXPECT_EQ(where(plain.arp("10.0.0.254", "0.0.0.0", 1)), Goes::to_kernel) << "a question";
  SteeringView alone = example();
  alone.pair_port.clear();
  ASSERT_TRUE(maps.apply(alone));
  EXPECT_EQ(where(answer), Goes::to_kernel);
}

TEST_P(BpfRules, ThePairsTrafficIsOurs) {
  const FrameOf multicast{.target = mac("01:00:5e:00:00:12"), .source = mac("00:00:5e:00:01:0a")};
  EXPECT_EQ(where(tcp(multicast.ipv4("10.0.0.2", "224.0.0.18", 112), 1, 2)), Goes::to_us);
  EXPECT_EQ(where(tcp(multicast.ipv6("fe80::2", "ff02::12", 112), 1, 2)), Goes::to_us);
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.2", "10.0.0.1", 112), 1, 2)), Goes::to_us) << "unicast";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.2", "10.0.0.9", 112), 1, 2)), Goes::to_kernel) << "to somebody else";
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.2", "10.0.0.1", 17), 50000, 18264)), Goes::to_us);
  EXPECT_EQ(where(udp(plain.ipv6("fd00::2", "fd00::1", 17), 50000, 18264)), Goes::to_us);
  EXPECT_EQ(where(udp(FrameOf{.vlans = {7}}.ipv4("10.0.0.2", "10.0.0.1", 17, 2), 50000, 18264)), Goes::to_us) << "tagged, with options";
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.2", "10.0.0.1", 17), 18264, 53)), Goes::to_kernel) << "another port";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.2", "10.0.0.1", 6), 50000, 18264)), Goes::to_kernel) << "TCP";
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.3", "10.0.0.1", 17), 50000, 18264)), Goes::to_kernel) << "a stranger";
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.2", "192.0.2.1", 17), 50000, 18264)), Goes::to_kernel) << "not to the node";
}

TEST_P(BpfRules, WithoutAPairItsTrafficIsTheKernels) {
  SteeringView alone = example();
  alone.pair_port.clear();
  ASSERT_TRUE(maps.apply(alone));
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.2", "224.0.0.18", 112), 1, 2)), Goes::to_kernel);
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.2", "10.0.0.1", 17), 50000, 18264)), Goes::to_kernel);
}

// A fragment of IPv6 with these 16 bits of offset and flag.
Frame fragment6(const char* from, const char* to, std::uint8_t protocol, std::uint16_t word) {
  Frame frame = plain.ipv6(from, to, 44);
  frame.insert(frame.end(), {protocol, 0});
  return frame << Be16{word} << Be32{1};
}

TEST_P(BpfRules, ALaterFragmentOfABackendIsOursByItsAddressAndProtocol) {
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6, 0, 0x2000), 80, 40000)), Goes::to_us) << "the first has a port";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6, 0, 0x2000), 443, 40000)), Goes::to_kernel);
  for (const std::uint16_t offset : std::initializer_list<std::uint16_t>{0x0001, 0x2001, 0x1fff}) {
    EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6, 0, offset), 0, 0)), Goes::to_us);
    EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 17, 0, offset), 80, 40000)), Goes::to_kernel) << "another protocol";
    EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.13", "192.0.2.1", 6, 0, offset), 80, 40000)), Goes::to_kernel) << "another address";
    EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "10.0.0.1", 6, 0, offset), 80, 40000)), Goes::to_kernel) << "to the node";
  }
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6, 0, 0x4000), 80, 40000)), Goes::to_us) << "don't fragment";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 0, 40000)), Goes::to_kernel) << "port 0 of a whole one is no fragment's";
}

TEST_P(BpfRules, AndOfIpv6) {
  EXPECT_EQ(where(tcp(fragment6("fd00::11", "2001:db8::1", 6, 0x0001), 80, 40000)), Goes::to_us) << "the first";
  EXPECT_EQ(where(tcp(fragment6("fd00::11", "2001:db8::1", 6, 0x0000), 80, 40000)), Goes::to_us) << "an atomic one (RFC 6946)";
  EXPECT_EQ(where(tcp(fragment6("fd00::11", "2001:db8::1", 6, 0x0001), 443, 40000)), Goes::to_kernel);
  for (const std::uint16_t word : std::initializer_list<std::uint16_t>{0x0008, 0x0009, 0xfff8}) {
    EXPECT_EQ(where(tcp(fragment6("fd00::11", "2001:db8::1", 6, word), 0, 0)), Goes::to_us);
    EXPECT_EQ(where(tcp(fragment6("fd00::11", "2001:db8::1", 17, word), 80, 40000)), Goes::to_kernel);
    EXPECT_EQ(where(tcp(fragment6("fd00::13", "2001:db8::1", 6, word), 80, 40000)), Goes::to_kernel);
    EXPECT_EQ(where(tcp(fragment6("fd00::11", "fd00::1", 6, word), 80, 40000)), Goes::to_kernel);
  }
}

TEST_P(BpfRules, WhoAsksForAVipAsksUs) {
  EXPECT_EQ(where(plain.arp("192.0.2.1", "203.0.113.10")), Goes::to_us);
  EXPECT_EQ(where(plain.arp("192.0.2.1", "10.0.0.1")), Goes::to_kernel);
  EXPECT_EQ(where(plain.arp("203.0.113.10", "10.0.0.1")), Goes::to_kernel) << "a VIP that asks";
  EXPECT_EQ(where(plain.arp("192.0.2.1", "203.0.113.10", 2)), Goes::to_kernel) << "an answer";
  EXPECT_EQ(where(plain.solicitation("fe80::1", "2001:db8::10")), Goes::to_us);
  EXPECT_EQ(where(plain.solicitation("fe80::1", "fd00::1")), Goes::to_kernel);
}

TEST_P(BpfRules, OtherNeighbourDiscoveryIsTheKernels) {
  Frame advert = plain.solicitation("fe80::1", "2001:db8::10");
  advert[14 + 40] = kNdNeighbourAdvert;
  EXPECT_EQ(where(advert), Goes::to_kernel);
  Frame odd = plain.solicitation("fe80::1", "2001:db8::10");
  odd[14 + 40 + 1] = 1;
  EXPECT_EQ(where(odd), Goes::to_kernel) << "code 1 (RFC 4861 7.1.1: discard)";
}

TEST_P(BpfRules, ArpOfAnotherKindIsTheKernels) {
  for (const std::size_t field : {0U, 2U, 4U, 5U}) {  // hardware, protocol, their lengths
    Frame odd = plain.arp("192.0.2.1", "203.0.113.10");
    odd[14 + field] ^= 0x40;
    EXPECT_EQ(where(odd), Goes::to_kernel) << "byte " << field;
  }
}

TEST_P(BpfRules, OneVlanTagIsLookedThrough) {
  const FrameOf tagged{.vlans = {100}}, twice{.vlans = {100, 200}};
  EXPECT_EQ(where(tcp(tagged.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80)), Goes::to_us);
  EXPECT_EQ(where(tcp(tagged.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000)), Goes::to_us);
  EXPECT_EQ(where(tcp(tagged.ipv4("10.0.0.11", "10.0.0.1", 6), 80, 40000)), Goes::to_kernel);
  EXPECT_EQ(where(tagged.arp("192.0.2.1", "203.0.113.10")), Goes::to_us);
  EXPECT_EQ(where(tagged.solicitation("fe80::1", "2001:db8::10")), Goes::to_us);
  EXPECT_EQ(where(tcp(tagged.ipv4("192.0.2.1", "10.0.0.1", 6), 40000, 80)), Goes::to_kernel);
  EXPECT_EQ(where(tcp(twice.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80)), Goes::to_kernel) << "two tags";
}

TEST_P(BpfRules, HeadersThatLieAreTheKernels) {
  Frame frame = tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 40000);
  frame[14] = 0x44;  // a header of 16 bytes
  EXPECT_EQ(where(frame), Goes::to_kernel);
  frame[14] = 0x4f;  // one of 60, past the frame's end
  EXPECT_EQ(where(frame), Goes::to_kernel);
  frame = tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80);
  frame[14] = 0x65;  // version 6 under IPv4's type
  EXPECT_EQ(where(frame), Goes::to_kernel);
  frame = tcp(plain.ipv6("2001:db8::1", "2001:db8::10", 6), 40000, 80);
  frame[14] = 0x40;
  EXPECT_EQ(where(frame), Goes::to_kernel);
  EXPECT_EQ(where(tcp(plain.ethernet(kEtherQinq), 1, 2)), Goes::to_kernel);
}

// At each length the frame is ours exactly from the byte on that completes what the rule reads.
TEST_P(BpfRules, ACutFrameIsOursOnlyOnceItTellsEnough) {
  struct Cut {
    const char* what;
    Frame frame;
    std::size_t enough;
  };
  const std::vector<Cut> cuts{
      {"IPv4 to a VIP", tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 1, 80), 14 + 20},
      {"IPv6 to a VIP", tcp(plain.ipv6("2001:db8::1", "2001:db8::10", 6), 1, 80), 14 + 40},
      {"IPv4 reply", tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 1), 14 + 20 + 2},
      {"IPv4 reply with options", tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6, 10), 80, 1), 14 + 60 + 2},
      {"IPv6 reply", tcp(plain.ipv6("fd00::11", "2001:db8::1", 6), 80, 1), 14 + 40 + 2},
      {"the peer's datagram", udp(plain.ipv4("10.0.0.2", "10.0.0.1", 17), 1, 18264), 14 + 20 + 4},
      {"the peer's datagram in IPv6", udp(plain.ipv6("fd00::2", "fd00::1", 17), 1, 18264), 14 + 40 + 4},
      {"error", error(complaint(), 3, to_backend()), 14 + 20 + 8 + 20 + 8},
      {"error between options", error(plain.ipv4("10.0.0.254", "192.0.2.1", 1, 10), 3, to_backend(80, 10)), 14 + 60 + 8 + 60 + 8},
      {"error in IPv6", error(complaint6(), 1, to_backend6()), 14 + 40 + 8 + 40 + 8},
      {"ARP", plain.arp("192.0.2.1", "203.0.113.10"), 14 + 28},
      {"solicitation", plain.solicitation("fe80::1", "2001:db8::10"), 14 + 40 + 24},
      {"tagged solicitation", FrameOf{.vlans = {7}}.solicitation("fe80::1", "2001:db8::10"), 18 + 40 + 24},
  };
  for (const Cut& cut : cuts) {
    for (std::size_t length = 14; length <= cut.frame.size(); ++length) {
      const Frame shortened{cut.frame.begin(), cut.frame.begin() + static_cast<std::ptrdiff_t>(length)};
      // The kernel does not test-run a filter on less than an IP header; none of these tells enough.
      if (GetParam().program == kHide.program && length < cut.enough && !run(shortened)) continue;
      EXPECT_EQ(where(shortened), length >= cut.enough ? Goes::to_us : Goes::to_kernel) << cut.what << " cut to " << length;
    }
  }
}

// 203.0.113.64/28 and 2001:db8:1::/64; the node has .65 and ::1 of them, the other node .66.
SteeringView with_prefixes() {
  SteeringView view = example();
  for (const char* vips : {"203.0.113.64/28", "2001:db8:1::/64"}) view.vip_prefixes[steer_key(parse_prefix(vips).value())] = 0;
  for (const char* own : {"203.0.113.65", "2001:db8:1::1"}) view.node_addresses[steer_key(ip(own))] = 0;
  view.peers[steer_key(ip("203.0.113.66"))] = 0;
  return view;
}

TEST_P(BpfRules, EveryAddressOfAPrefixIsAVipButTheNodes) {
  ASSERT_TRUE(maps.apply(with_prefixes()));
  for (const char* vip : {"203.0.113.64", "203.0.113.79"}) {
    EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", vip, 6), 40000, 80)), Goes::to_us) << vip;
    EXPECT_EQ(where(plain.arp("192.0.2.1", vip)), Goes::to_us) << vip;
  }
  for (const char* other : {"203.0.113.63", "203.0.113.80", "203.0.113.65", "203.0.113.66"}) {
    EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", other, 6), 40000, 80)), Goes::to_kernel) << other;
    EXPECT_EQ(where(plain.arp("192.0.2.1", other)), Goes::to_kernel) << other;
  }
  EXPECT_EQ(where(udp(plain.ipv6("2001:db8::1", "2001:db8:1::9999", 17), 40000, 80)), Goes::to_us);
  EXPECT_EQ(where(plain.solicitation("fe80::1", "2001:db8:1:0:ffff::1")), Goes::to_us);
  EXPECT_EQ(where(udp(plain.ipv6("2001:db8::1", "2001:db8:1::1", 17), 40000, 80)), Goes::to_kernel);
  EXPECT_EQ(where(udp(plain.ipv6("2001:db8::1", "2001:db8:1:1::1", 17), 40000, 80)), Goes::to_kernel);
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80)), Goes::to_us) << "a single one as before";
  ASSERT_TRUE(maps.apply(example()));
  EXPECT_EQ(where(tcp(plain.ipv4("192.0.2.1", "203.0.113.64", 6), 40000, 80)), Goes::to_kernel) << "and no more when it is gone";
}

TEST_P(BpfRules, ABackendOfARangeRepliesFromEachOfItsPorts) {
  Generation generation;
  const std::vector<NatBackendEntry> backends{{.address = ip("10.0.0.11"), .protocol = Protocol::tcp, .port = 8000, .more_ports = 99},
                                              {.address = ip("10.0.0.11"), .protocol = Protocol::tcp, .port = 443},
                                              {.address = ip("10.0.0.12"), .protocol = Protocol::udp, .port = 0, .more_ports = 0xffff}};
  generation.index = std::make_shared<const VipIndex>(std::vector<VipEntry>{}, std::vector<ListenEntry>{}, backends);
  SteeringView view = desired(generation, PortId{0});
  view.node_addresses = example().node_addresses, view.node_macs = example().node_macs, view.own_mac = example().own_mac;
  ASSERT_TRUE(maps.apply(view));
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{443, 8000, 8050, 8099})
    EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), port, 40000)), Goes::to_us) << port;
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{444, 7999, 8100})
    EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), port, 40000)), Goes::to_kernel) << port;
  EXPECT_EQ(where(udp(plain.ipv4("10.0.0.11", "192.0.2.1", 17), 8050, 40000)), Goes::to_kernel) << "another protocol";
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.11", "10.0.0.1", 6), 8050, 40000)), Goes::to_kernel) << "to the node: a health check's answer";
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{1, 53, 65535})
    EXPECT_EQ(where(udp(plain.ipv4("10.0.0.12", "192.0.2.1", 17), port, 40000)), Goes::to_us) << port;
}

TEST_P(BpfRules, AChangeOfTheMapsTakesEffectAtOnce) {
  const Frame frame = tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80);
  ASSERT_EQ(where(frame), Goes::to_us);
  SteeringView without = example();
  without.vips.erase(steer_key(ip("203.0.113.10")));
  ASSERT_TRUE(maps.apply(without));
  EXPECT_EQ(where(frame), Goes::to_kernel);
  ASSERT_TRUE(maps.apply(example()));
  EXPECT_EQ(where(frame), Goes::to_us);
}

TEST_P(BpfRules, TheMapsFollowTheGeneration) {
  const auto serving = [](const char* vip) {
    Generation generation;
    const std::vector<VipEntry> vips{{ip(vip), 0}};
    generation.index = std::make_shared<const VipIndex>(vips, std::vector<ListenEntry>{}, std::vector<NatBackendEntry>{});
    return generation;
  };
  const Generation first = serving("203.0.113.10"), second = serving("203.0.113.20");
  const Frame to_first = tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 1, 80),
              to_second = tcp(plain.ipv4("192.0.2.1", "203.0.113.20", 6), 1, 80);
  for (const Generation* served : {&first, &first, &second, &first}) {
    ASSERT_TRUE(maps.follow(*served, PortId{0}, {}));
    EXPECT_EQ(where(to_first), served == &first ? Goes::to_us : Goes::to_kernel);
    EXPECT_EQ(where(to_second), served == &second ? Goes::to_us : Goes::to_kernel);
  }
  ASSERT_TRUE(maps.apply(SteeringView{}));
  ASSERT_TRUE(maps.follow(first, PortId{0}, {}));
  EXPECT_EQ(where(to_first), Goes::to_us) << "what it held before apply() is no longer there";
  const SteeringFacts own{{ip("203.0.113.20")}, {}};
  ASSERT_TRUE(maps.follow(first, PortId{0}, own)) << "another list of the kernel's addresses is a change too";
  Generation paired = first;
  paired.pair = {true, 18264};
  ASSERT_TRUE(maps.follow(paired, PortId{0}, own));
  EXPECT_EQ(where(tcp(plain.ipv4("10.0.0.2", "224.0.0.18", 112), 1, 2)), Goes::to_us) << "and a pair that begins";
}

TEST_P(BpfRules, EmptyMapsGiveEverythingToTheKernel) {
  ASSERT_TRUE(maps.apply(SteeringView{}));
  for (const Frame& frame : {tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 1, 80), tcp(plain.ipv4("10.0.0.11", "192.0.2.1", 6), 80, 1),
                             plain.arp("192.0.2.1", "203.0.113.10"), plain.solicitation("fe80::1", "2001:db8::10")}) {
    EXPECT_EQ(where(frame), Goes::to_kernel);
  }
}

// An AF_XDP socket with just enough set up that the map takes it; bound to no interface.
struct XdpSocket {
  int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  static constexpr std::size_t kBytes = 16 * 4096;
  ~XdpSocket() {
    close(fd);
    munmap(memory, kBytes);
  }
  bool prepare() const {
    const xdp_umem_reg umem{.addr = reinterpret_cast<std::uint64_t>(memory), .len = kBytes, .chunk_size = 4096, .headroom = 0, .flags = 0};
    const int slots = 16;
    return setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof umem) == 0 &&
           setsockopt(fd, SOL_XDP, XDP_RX_RING, &slots, sizeof slots) == 0;
  }
};

struct Redirect : BpfRules {};
INSTANTIATE_TEST_SUITE_P(Programs, Redirect, testing::Values(kSteer));

TEST_P(Redirect, WithASocketOurFramesGoToIt) {
  bpf_map* sockets = bpf_object__find_map_by_name(object.get(), "xsks_map");
  ASSERT_NE(sockets, nullptr);
  const XdpSocket receiver;
  ASSERT_TRUE(receiver.prepare()) << std::strerror(errno);
  const std::uint32_t queue = 0;
  ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(sockets), &queue, &receiver.fd, BPF_ANY), 0) << std::strerror(errno);
  EXPECT_EQ(verdict(tcp(plain.ipv4("192.0.2.1", "203.0.113.10", 6), 40000, 80)), XDP_REDIRECT);
  EXPECT_EQ(verdict(tcp(plain.ipv4("192.0.2.1", "10.0.0.1", 6), 40000, 80)), XDP_PASS);
}

TEST(SteerObject, HasOneProgramAndTheMapDpdkLooksFor) {
  const std::unique_ptr<bpf_object, decltype(&bpf_object__close)> object{bpf_object__open_file(kSteerObject, nullptr), bpf_object__close};
  ASSERT_TRUE(object) << kSteerObject;
  const bpf_program* first = bpf_object__next_program(object.get(), nullptr);
  ASSERT_NE(first, nullptr);
  EXPECT_STREQ(bpf_program__name(first), "steer");
  EXPECT_STREQ(bpf_program__section_name(first), "xdp");
  const bpf_map* sockets = bpf_object__find_map_by_name(object.get(), "xsks_map");
  ASSERT_NE(sockets, nullptr);
  EXPECT_EQ(bpf_map__type(sockets), BPF_MAP_TYPE_XSKMAP);
}

}  // namespace
}  // namespace tandem
