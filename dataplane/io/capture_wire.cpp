// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/capture_wire.h"

#include <array>

#include "dataplane/io/mempool.h"
#include "dataplane/packet/packet.h"

namespace tandem {

namespace {

constexpr int kSnapBytes = 262144;  // what capture tools write

Instant time_of(const pcap_pkthdr& header) {  // opened with nanosecond precision: tv_usec holds nanoseconds
  return Instant{std::chrono::seconds{header.ts.tv_sec} + Nanoseconds{header.ts.tv_usec}};
}

pcap_pkthdr header_for(Instant now, std::uint32_t bytes) {
  pcap_pkthdr header{};
  header.ts.tv_sec = now.since_start.count() / 1'000'000'000;
  header.ts.tv_usec = now.since_start.count() % 1'000'000'000;
  header.caplen = header.len = bytes;
  return header;
}

}  // namespace

Result<std::unique_ptr<CaptureWire>> CaptureWire::open(std::span<const Device> devices, rte_mempool* pool, const Clock& clock) {
  std::unique_ptr<CaptureWire> wire{new CaptureWire{pool, clock}};
  for (const Device& device : devices)
    if (const Result<> opened = wire->open_lane(device); !opened) return fail(opened.error());
  return wire;
}

Result<> CaptureWire::open_lane(const Device& device) {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  Lane& lane = lanes_.emplace_back();
  lane.in = pcap_open_offline_with_tstamp_precision(device.target.c_str(), PCAP_TSTAMP_PRECISION_NANO, why.data());
  if (lane.in == nullptr) return fail(std::string{why.data()});
  if (pcap_datalink(lane.in) != DLT_EN10MB) return fail(device.target + ": not a capture of Ethernet");
  lane.out = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, kSnapBytes, PCAP_TSTAMP_PRECISION_NANO);
  if (lane.out == nullptr) return fail(device.second + ": no memory");
  lane.dumper = pcap_dump_open(lane.out, device.second.c_str());
  if (lane.dumper == nullptr) return fail(std::string{pcap_geterr(lane.out)});
  read_next(lane);
  return {};
}

CaptureWire::~CaptureWire() {
  for (const Lane& lane : lanes_) {
    if (lane.dumper != nullptr) pcap_dump_close(lane.dumper);
    if (lane.out != nullptr) pcap_close(lane.out);
    if (lane.in != nullptr) pcap_close(lane.in);
  }
}

void CaptureWire::read_next(Lane& lane) noexcept {
  if (const int result = pcap_next_ex(lane.in, &lane.header, &lane.bytes); result != 1) {
    lane.header = nullptr;
    if (result != PCAP_ERROR_BREAK) lane.problem = pcap_geterr(lane.in);
  }
}

std::optional<Instant> CaptureWire::next() const {
  std::optional<Instant> earliest;
  for (const Lane& lane : lanes_)
    if (lane.header != nullptr && (!earliest || time_of(*lane.header) < *earliest)) earliest = time_of(*lane.header);
  return earliest;
}

Result<> CaptureWire::outcome() const {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (!lanes_[i].problem.empty()) return fail("capture of port " + std::to_string(i) + ": " + lanes_[i].problem);
  return {};
}

Result<> CaptureWire::flush() {
  for (Lane& lane : lanes_)
    if (pcap_dump_flush(lane.dumper) != 0) lane.problem = "what was sent cannot be written";
  return outcome();
}

std::uint16_t CaptureWire::receive(PortId port, std::uint16_t, rte_mbuf** burst, std::uint16_t room) noexcept {
  Lane& lane = lanes_[index(port)];
  std::uint16_t count = 0;
  for (; count < room && lane.header != nullptr && time_of(*lane.header) <= clock_.now(); read_next(lane)) {
    rte_mbuf* const mbuf = copy_frame(pool_, {lane.bytes, lane.header->caplen});
    if (mbuf == nullptr) {  // longer than any frame can be, or all buffers are out: a loss, as a device would count it
      ++lane.stats.rx_errors;
      continue;
    }
    burst[count++] = mbuf;
    ++lane.stats.rx_packets, lane.stats.rx_bytes += lane.header->caplen;
  }
  return count;
}

std::uint16_t CaptureWire::send(PortId port, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept {
  Lane& lane = lanes_[index(port)];
  for (std::uint16_t i = 0; i < count; ++i) {
    std::array<unsigned char, 65536> linear;
    const std::uint32_t length = std::min<std::uint32_t>(burst[i]->pkt_len, linear.size());
    const void* const bytes = rte_pktmbuf_read(burst[i], 0, length, linear.data());
    const pcap_pkthdr header = header_for(clock_.now(), length);
    pcap_dump(reinterpret_cast<unsigned char*>(lane.dumper), &header, static_cast<const unsigned char*>(bytes));
    ++lane.stats.tx_packets, lane.stats.tx_bytes += length;
    rte_pktmbuf_free(burst[i]);
  }
  return count;
}

}  // namespace tandem
