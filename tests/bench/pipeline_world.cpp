// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_world.h"

#include <string>

#include "common/base/ensure.h"
#include "dataplane/forward/client_hop.h"
#include "dataplane/pipeline/new_entry.h"
#include "tests/bench/hugepages.h"

namespace tandem::bench {

namespace {

constexpr std::size_t kNat4 = 0, kDsr4 = 1, kNat6 = 2, kDsr6 = 3;  // places of the world's services
constexpr std::size_t kEthBytes = 14;
constexpr std::uint32_t kFirstServer = 0x0a00010b;  // 10.0.1.11

constexpr const char *kGroupMac4 = "00:00:5e:00:01:0a", *kGroupMac6 = "00:00:5e:00:02:0a";

test::World world() {
  test::World made = test::two_port_world();
  made.ports[0].virtual_macs = {{test::mac(kGroupMac4), 0, GroupId{0}}, {test::mac(kGroupMac6), 0, GroupId{0}}};
  std::vector<std::string> v4, v6;
  for (unsigned i = 0; i < kServers; ++i) {
    const std::string number = std::to_string(11 + i);
    v4.push_back("10.0.1." + number + ":8080");
    v6.push_back("[fd01::" + number + "]:8080");
    if (i < 3) continue;  // the others are neighbours already
    made.neighbours.push_back({test::address("10.0.1." + number), test::mac(test::server_mac(11 + i)), PortId{1}, 0});
    made.neighbours.push_back({test::address("fd01::" + number), test::mac(test::server_mac(11 + i)), PortId{1}, 0});
  }
  made.routes.push_back({parse_prefix("::/0").value(), test::address("fd00::fe"), PortId{0}, 0});
  made.neighbours.push_back({test::address("fd00::fe"), test::mac(test::kGateway), PortId{0}, 0});
  made.services = {test::nat_service("10.0.0.100:80", v4), test::dsr_service("10.0.0.101:80", v4), test::nat_service("[fd00::100]:80", v6),
                   test::dsr_service("[fd00::101]:80", v6)};
  return made;
}

MemoryBlock memory(std::size_t bytes, bool hugepages) {
  MemoryBlock block = hugepages ? hugetlb_memory(bytes) : anonymous_memory(bytes);
  ensure(static_cast<bool>(block));
  return block;
}

std::size_t service_of(const Pattern& pattern) {
  const bool nat = pattern.method == ForwardingMethod::nat;
  return pattern.family == Family::ipv4 ? (nat ? kNat4 : kDsr4) : (nat ? kNat6 : kDsr6);
}

Ipv4Address client4(const Flow& flow) { return Ipv4Address{Be32{flow.client}}; }

Ipv6Address client6(const Flow& flow) {
  Ipv6Address address = test::address("2001:db8::").v6();
  const Be32 low{flow.client};
  std::memcpy(address.bytes.data() + 12, &low, sizeof low);
  return address;
}

std::string vip_text(const Pattern& pattern) {
  const bool nat = pattern.method == ForwardingMethod::nat;
  return pattern.family == Family::ipv4 ? (nat ? "10.0.0.100" : "10.0.0.101") : (nat ? "fd00::100" : "fd00::101");
}

// The flow's own fields are written over for each packet.
test::Bytes pattern_bytes(const Pattern& pattern) {
  const bool v4 = pattern.family == Family::ipv4;
  const std::string client = v4 ? "32.0.0.0" : "2001:db8::", server = v4 ? "10.0.1.11" : "fd01::11";
  const std::string_view to = !pattern.to_group ? test::kNode0 : v4 ? kGroupMac4 : kGroupMac6;
  if (pattern.direction == Direction::from_client)
    return test::frame().eth(to, test::kGateway).ip(client, vip_text(pattern)).tcp(1, 80, kTcpAck).pad_to(60).bytes();
  return test::frame().eth(test::kNode1, test::server_mac(11)).ip(server, client).tcp(8080, 1, kTcpAck).pad_to(60).bytes();
}

template <typename Entry>
void insert(WorkerContext& context, const Connections<Entry>& connections, const Pattern& pattern, typename Entry::AddressType client,
            const Flow& flow) {
  const std::size_t place = service_of(pattern);
  const ServiceView& service = (*context.generation->services)[place];
  const typename Entry::Key key{{client, Be16{flow.port}, Protocol::tcp}, address_as<typename Entry::AddressType>(service.vip), Be16{80}};
  const auto slot = static_cast<BackendSlot>(place * kServers + flow.server);
  Entry entry = new_entry<Entry>(*context.generation, key, service, slot);
  entry.state = ConnState::established;
  look_up_client_hop(*context.generation, entry);  // as the first reply left it
  ConnDetail detail;
  detail.service = static_cast<ServiceId>(place);
  ensure(connections.table->insert((*context.hasher)(key.client), entry, detail).entry != nullptr);
}

template <typename Entry>
void erase_all(const Connections<Entry>& connections) {
  ConnTable<Entry>& table = *connections.table;
  table.walk(0, table.slots(), [&](Entry& entry) { table.erase(entry); });
}

}  // namespace

PacketSource::PacketSource(rte_mempool* pool, const Pattern& pattern, std::uint64_t live)
    : pool_{pool}, pattern_{pattern}, live_{live}, frame_{pattern_bytes(pattern)} {
  if (pattern.family == Family::ipv6) return;
  auto& ip = *reinterpret_cast<Ipv4Header*>(frame_.data() + kEthBytes);
  ip.checksum = Be16{};
  Ipv4Header rest = ip;
  (pattern.direction == Direction::from_client ? rest.source : rest.target) = Ipv4Address{};
  if (pattern.direction == Direction::from_backend) rest.source = Ipv4Address{};
  ip_sum_ = sum_bytes(&rest, sizeof rest);
}

void PacketSource::choose(std::span<std::uint64_t> numbers) noexcept {
  for (std::uint64_t& number : numbers) {
    random_ ^= random_ << 13, random_ ^= random_ >> 7, random_ ^= random_ << 17;
    number = (random_ >> 32) * live_ >> 32;
  }
}

void PacketSource::write4(std::uint8_t* frame, const Flow& flow, std::uint8_t tcp_flags) const noexcept {
  auto& ip = *reinterpret_cast<Ipv4Header*>(frame + kEthBytes);
  auto& tcp = *reinterpret_cast<TcpHeader*>(frame + kEthBytes + sizeof ip);
  const bool from_client = pattern_.direction == Direction::from_client;
  Sum sum = ip_sum_ + client4(flow).value.wire;
  (from_client ? ip.source : ip.target) = client4(flow);
  (from_client ? tcp.source_port : tcp.target_port) = Be16{flow.port};
  if (!from_client) {
    ip.source = Ipv4Address{Be32{kFirstServer + flow.server}};
    sum += ip.source.value.wire;
  }
  ip.checksum = finish_checksum(sum);
  tcp.flags = tcp_flags;
}

void PacketSource::write6(std::uint8_t* frame, const Flow& flow, std::uint8_t tcp_flags) const noexcept {
  auto& ip = *reinterpret_cast<Ipv6Header*>(frame + kEthBytes);
  auto& tcp = *reinterpret_cast<TcpHeader*>(frame + kEthBytes + sizeof ip);
  const bool from_client = pattern_.direction == Direction::from_client;
  const Be32 low{flow.client};
  std::memcpy((from_client ? ip.source : ip.target).bytes.data() + 12, &low, sizeof low);
  (from_client ? tcp.source_port : tcp.target_port) = Be16{flow.port};
  // fd01::11, fd01::12 …: written as decimal text, so read as hexadecimal
  const std::uint32_t number = 11 + flow.server;
  if (!from_client) ip.source.bytes[15] = static_cast<std::uint8_t>(number / 10 << 4 | number % 10);
  tcp.flags = tcp_flags;
}

void PacketSource::make(std::span<const std::uint64_t> numbers, std::span<rte_mbuf*> out, std::uint8_t tcp_flags,
                        std::span<const std::uint32_t> servers) noexcept {
  ensure(rte_pktmbuf_alloc_bulk(pool_, out.data(), static_cast<unsigned>(numbers.size())) == 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto* frame = rte_pktmbuf_mtod(out[i], std::uint8_t*);
    std::memcpy(frame, frame_.data(), frame_.size());
    out[i]->data_len = static_cast<std::uint16_t>(frame_.size());
    out[i]->pkt_len = static_cast<std::uint32_t>(frame_.size());
    Flow one = flow(numbers[i]);
    if (!servers.empty()) one.server = servers[i];
    if (pattern_.family == Family::ipv4) write4(frame, one, tcp_flags);
    else write6(frame, one, tcp_flags);
  }
}

PipelineWorld::PipelineWorld(std::size_t capacity4, std::size_t capacity6, bool hugepages)
    : world_{world()},
      generation_{world_.generation()},
      table4_{capacity4, memory(ConnTable4::bytes_for(capacity4), hugepages)},
      table6_{capacity6, memory(ConnTable6::bytes_for(capacity6), hugepages)},
      expiry4_{table4_.slots(), memory(Expiry::bytes_for(table4_.slots()), hugepages)},
      expiry6_{table6_.slots(), memory(Expiry::bytes_for(table6_.slots()), hugepages)},
      hasher_{generation_->keys.table},
      counters_{std::make_unique<WorkerCounters>()},
      backends_(4 * kServers) {
  context_.generation = generation_.get();
  context_.roles.receives |= 1;
  context_.hasher = &hasher_;
  context_.connections4 = {&table4_, &expiry4_};
  context_.connections6 = {&table6_, &expiry6_};
  context_.counters = counters_.get();
  context_.backends = backends_;
}

void PipelineWorld::fill(const Pattern& pattern, std::uint64_t live) {
  for (std::uint64_t number = 0; number < live; ++number) {
    const Flow one = flow(number);
    if (pattern.family == Family::ipv4) insert(context_, context_.connections4, pattern, client4(one), one);
    else insert(context_, context_.connections6, pattern, client6(one), one);
  }
}

void PipelineWorld::clear() {
  erase_all(context_.connections4);
  erase_all(context_.connections6);
}

std::size_t PipelineWorld::bytes_per_connection4() const {
  return (ConnTable4::bytes_for(table4_.capacity()) + Expiry::bytes_for(table4_.slots())) / table4_.capacity();
}

std::size_t PipelineWorld::sink() noexcept {
  std::size_t count = 0;
  for (std::uint32_t left = batch_.ports(); left != 0; left &= left - 1) {
    const auto sent = batch_.transmits(static_cast<PortId>(std::countr_zero(left)));
    rte_pktmbuf_free_bulk(const_cast<rte_mbuf**>(sent.data()), static_cast<unsigned>(sent.size()));
    count += sent.size();
  }
  return count;
}

std::size_t PipelineWorld::run(std::span<rte_mbuf* const> burst, PortId port, std::span<std::uint32_t> servers) noexcept {
  batch_.clear();
  for (rte_mbuf* mbuf : burst) batch_.add(mbuf, port);
  pipeline_.run(context_, batch_);
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto* frame = rte_pktmbuf_mtod(batch_.transmits(PortId{1})[i], const std::uint8_t*);
    servers[i] = reinterpret_cast<const Ipv4Header*>(frame + kEthBytes)->target.value.host() - kFirstServer;
  }
  return sink();
}

}  // namespace tandem::bench
