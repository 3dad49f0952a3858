// SPDX-License-Identifier: Apache-2.0
// Captures in, captures and counters out: on the captures' own clock, and the same every time.
#include "dataplane/replay.h"

#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/packet_text.h"
#include "tests/support/world.h"
#include "tests/unit/worker/own_dpdk.h"

namespace tandem::test {
namespace {

struct Timed {
  double seconds;  // since the first minute of 2026
  Bytes frame;
};
constexpr std::int64_t kStart = 1'767'225'660;

void write_capture(const std::string& path, const std::vector<Timed>& frames, int link_type = DLT_EN10MB) {
  pcap_t* const handle = pcap_open_dead_with_tstamp_precision(link_type, 65535, PCAP_TSTAMP_PRECISION_NANO);
  pcap_dumper_t* const dumper = pcap_dump_open(handle, path.c_str());
  ASSERT_NE(dumper, nullptr) << pcap_geterr(handle);
  for (const Timed& timed : frames) {
    pcap_pkthdr header{};
    header.ts.tv_sec = kStart + static_cast<std::int64_t>(timed.seconds);
    header.ts.tv_usec = static_cast<std::int64_t>((timed.seconds - static_cast<double>(static_cast<std::int64_t>(timed.seconds))) * 1e9);
    header.caplen = header.len = static_cast<std::uint32_t>(timed.frame.size());
    pcap_dump(reinterpret_cast<unsigned char*>(dumper), &header, timed.frame.data());
  }
  pcap_dump_close(dumper);
  pcap_close(handle);
}

struct Read {
  std::int64_t nanoseconds;
  std::string line;
  bool operator==(const Read&) const = default;
};

std::vector<Read> read_capture(const std::string& path) {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  pcap_t* const handle = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, why.data());
  EXPECT_NE(handle, nullptr) << why.data();
  std::vector<Read> frames;
  pcap_pkthdr* header = nullptr;
  const unsigned char* bytes = nullptr;
  while (handle != nullptr && pcap_next_ex(handle, &header, &bytes) == 1)
    frames.push_back({(header->ts.tv_sec - kStart) * 1'000'000'000 + header->ts.tv_usec, to_line({bytes, header->caplen})});
  if (handle != nullptr) pcap_close(handle);
  return frames;
}

class Replay : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(own_dpdk());
    directory_ = std::filesystem::temp_directory_path() / ("tandem-replay-" + std::to_string(getpid()));
    std::filesystem::create_directory(directory_);
    world_.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.11:80"}));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ / name; }
  DataplaneOptions options() const {
    DataplaneOptions made;
    made.ports = {{.name = "p0", .device = "pcap:" + path("in0") + "," + path("out0")},
                  {.name = "p1", .device = "pcap:" + path("in1") + "," + path("out1")}};
    made.connections_ipv4 = made.connections_ipv6 = 1000;
    made.backend_slots = 64;
    return made;
  }
  Result<std::unique_ptr<Dataplane>> run() {
    return replay(options(), [&](const Dataplane&) -> Result<std::unique_ptr<Generation>> { return world_.generation(); });
  }

  static Bytes request(std::uint16_t port, std::uint8_t flags) {
    return frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").tcp(port, 80, flags).bytes();
  }
  static Bytes answer(std::uint16_t port, std::uint8_t flags) {
    return frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.0.5").tcp(80, port, flags).bytes();
  }

  World world_ = two_port_world();
  std::filesystem::path directory_;
};

TEST_F(Replay, AnswersOfOneCaptureFollowTheirQuestionsInTheOther) {
  write_capture(path("in0"), {{1.0, request(40000, kTcpSyn)}, {1.2, request(40000, kTcpAck)}});
  write_capture(path("in1"), {{1.1, answer(40000, kTcpSyn | kTcpAck)}, {1.3, answer(40000, kTcpAck)}});
  const Result<std::unique_ptr<Dataplane>> done = run();
  ASSERT_TRUE(done) << done.error().message;
  const std::vector<Read> to_client = read_capture(path("out0")), to_server = read_capture(path("out1"));
  ASSERT_EQ(to_server.size(), 2U);
  ASSERT_EQ(to_client.size(), 2U);
  EXPECT_EQ(to_server[0].line, "02:00:00:00:00:02 > 02:00:00:00:bb:11 | 10.0.0.5 > 10.0.1.11 ttl 63 | tcp 40000 > 80 S | 0 bytes");
  EXPECT_EQ(to_client[0].line, "02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 63 | tcp 80 > 40000 SA | 0 bytes");
  EXPECT_NEAR(static_cast<double>(to_client[0].nanoseconds), 1.1e9, 1e3) << "sent at the time it came";

  const WorkerCounters& counters = (*done)->counters(WorkerId{0});
  EXPECT_EQ(counters.rx.get(), 4U);
  EXPECT_EQ(counters.tx.get(), 4U);
  EXPECT_EQ(counters.orphans[static_cast<std::size_t>(OrphanDecision::stateless_reply)].get(), 0U)
      << "the reply must have met its connection";
  EXPECT_EQ((*done)->port_stats(PortId{0}).rx_packets, 2U);
}

TEST_F(Replay, TheSameInputGivesTheSameOutput) {
  std::vector<Timed> in;
  for (unsigned i = 0; i < 300; ++i) in.push_back({i * 0.01, request(static_cast<std::uint16_t>(30000 + i % 200), kTcpSyn)});
  write_capture(path("in0"), in);
  write_capture(path("in1"), {});
  ASSERT_TRUE(run());
  const std::vector<Read> first = read_capture(path("out1"));
  EXPECT_EQ(first.size(), 300U);
  world_.services[0].turns.reset();
  ASSERT_TRUE(run());
  EXPECT_EQ(read_capture(path("out1")), first);
}

TEST_F(Replay, ConnectionsEndByTheCapturesClock) {
  write_capture(path("in0"), {{0.0, request(40000, kTcpSyn)}, {3600.0, request(40001, kTcpSyn)}});  // an hour in no time
  write_capture(path("in1"), {});
  const Result<std::unique_ptr<Dataplane>> done = run();
  ASSERT_TRUE(done) << done.error().message;
  std::vector<std::uint16_t> ports;
  ASSERT_TRUE(
      (*done)->scan_connections(std::chrono::seconds{1}, [&](WorkerId, const ConnRecord& record) { ports.push_back(record.client_port); }));
  EXPECT_EQ(ports, std::vector<std::uint16_t>{40001});
  EXPECT_EQ((*done)->counters(WorkerId{0}).removed[static_cast<std::size_t>(RemoveReason::expired)].get(), 1U);
}

TEST_F(Replay, ACaptureOfSuperFramesIsNamedByThePipeline) {
  write_capture(path("in0"),
                {{0.0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").tcp(1, 80, kTcpAck).payload(9000).bytes()}});
  write_capture(path("in1"), {});
  const Result<std::unique_ptr<Dataplane>> done = run();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ((*done)->counters(WorkerId{0}).dropped[static_cast<std::size_t>(DropReason::super_frame)].get(), 1U);
}

TEST_F(Replay, ProblemsOfFilesAreErrorsWithTheirNames) {
  const auto message = [&] {
    const Result<std::unique_ptr<Dataplane>> done = run();
    return done ? std::string{"no error"} : done.error().message;
  };
  EXPECT_NE(message().find(path("in0")), std::string::npos) << message();
  write_capture(path("in0"), {}, DLT_RAW);
  write_capture(path("in1"), {});
  EXPECT_NE(message().find("not a capture of Ethernet"), std::string::npos) << message();
  write_capture(path("in0"), {{0.0, request(1, kTcpSyn)}, {0.0, request(2, kTcpSyn)}});
  std::filesystem::resize_file(path("in0"), std::filesystem::file_size(path("in0")) - 20);
  EXPECT_NE(message().find("capture of port 0"), std::string::npos) << message();
}

TEST_F(Replay, OtherPortsThanCapturesAreRefused) {
  DataplaneOptions wrong = options();
  wrong.ports[1].device = "null";
  const auto done = replay(wrong, [&](const Dataplane&) -> Result<std::unique_ptr<Generation>> { return world_.generation(); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "port p1: replay takes pcap:IN,OUT alone, this is null");
}

}  // namespace
}  // namespace tandem::test
