// SPDX-License-Identifier: Apache-2.0
// What this machine is: [node], [dataplane], [[port]], and [sync], its way to the other node.
#include "controlplane/config/codec_pair.h"
#include "controlplane/config/field_makers.h"

namespace tandem::config {
namespace {

using namespace codec;

constexpr std::array kIdleWords{Word{"spin", Idle::spin}, Word{"adaptive", Idle::adaptive}};
constexpr std::array kRssWords{Word{"flow", Rss::flow}, Word{"source", Rss::source}, Word{"destination", Rss::destination}};
constexpr std::array kHugepageWords{Word{"auto", Hugepages::automatic}, Word{"on", Hugepages::on}, Word{"off", Hugepages::off}};

constexpr std::array kNode{
    key<&Node::name, NodeName>("name"),
    key<&Node::pool, List<Address>>("pool"),
};

constexpr std::array kPunt{
    key<&PuntRates::control_pps, Count<std::uint32_t, 0, 100'000'000>>("control_pps"),
    key<&PuntRates::known_pps, Count<std::uint32_t, 0, 100'000'000>>("known_pps"),
    key<&PuntRates::rest_pps, Count<std::uint32_t, 0, 100'000'000>>("rest_pps"),
};

constexpr std::array kDataplane{
    key<&Dataplane::cores, List<Whole<unsigned, 0, 1023>>>("cores"),
    key<&Dataplane::workers, Optional<Whole<unsigned, 1, 64>>>("workers"),
    key<&Dataplane::idle, Choice<kIdleWords>>("idle"),
    key<&Dataplane::connections, Count<std::uint64_t, 1024, 1'000'000'000>>("connections"),
    key<&Dataplane::connections_ipv6, Count<std::uint64_t, 0, 1'000'000'000>>("connections_ipv6"),
    key<&Dataplane::hugepages, Choice<kHugepageWords>>("hugepages"),
    key<&Dataplane::buffers, Count<std::uint32_t, 0, 100'000'000>>("buffers"),
    key<&Dataplane::icmp_errors_pps, Count<std::uint32_t, 0, 1'000'000>>("icmp_errors_pps"),
    key<&Dataplane::adoptions_pps, Count<std::uint32_t, 0, 10'000'000>>("adoptions_pps"),
    section<&Dataplane::punt>("punt"),
};

constexpr std::array kPort{
    key<&Port::name, Name>("name", true),
    key<&Port::device, Device>("device", true),
    key<&Port::mac, Optional<Mac>>("mac"),
    key<&Port::mtu_bytes, Whole<std::uint16_t, 576, 9600>>("mtu_bytes"),
    key<&Port::address, List<OwnOn>>("address"),
    key<&Port::neighbour, MapOf<Address, Mac>>("neighbour"),
    key<&Port::route, MapOf<Network, Address>>("route"),
    key<&Port::vlan, List<Whole<std::uint16_t, 1, 4094>>>("vlan"),
    key<&Port::queues, Optional<Whole<unsigned, 1, 64>>>("queues"),
    key<&Port::rss, Choice<kRssWords>>("rss"),
    key<&Port::peer_address, List<PeerOn>>("peer_address"),
    key<&Port::group_mac, Optional<Choice<kGroupMacWords>>>("group_mac"),
};

constexpr std::array kSync{
    key<&Sync::local, MaybeAddress>("local"),
    key<&Sync::peer, MaybeAddress>("peer"),
    key<&Sync::port, PortNumber>("port"),
    key<&Sync::key, Text>("key"),
};

}  // namespace

template <>
std::span<const Field<Node>> fields_of() {
  return kNode;
}
template <>
std::span<const Field<PuntRates>> fields_of() {
  return kPunt;
}
template <>
std::span<const Field<Dataplane>> fields_of() {
  return kDataplane;
}
template <>
std::span<const Field<Port>> fields_of() {
  return kPort;
}
template <>
std::span<const Field<Sync>> fields_of() {
  return kSync;
}

}  // namespace tandem::config
