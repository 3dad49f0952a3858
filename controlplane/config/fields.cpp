// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/fields.h"

#include <array>

#include "controlplane/config/codec.h"
#include "controlplane/config/read_table.h"

namespace tandem::config {
namespace {

using namespace codec;

template <typename T>
struct MemberOf;
template <typename Owner, typename T>
struct MemberOf<T Owner::*> {
  using owner = Owner;
  using type = T;
};

// One value.
template <auto kMember, typename Codec, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> key(std::string_view name, bool required = false) {
  static_assert(std::is_same_v<typename MemberOf<decltype(kMember)>::type, typename Codec::type>);
  return {name, required,
          [](const Value& value, Owner& owner) {
            if (auto read = Codec::read(value)) owner.*kMember = std::move(*read);
          },
          [](const Owner& owner, const std::string& path, Shown& shown) {
            if (std::string text = Codec::show(owner.*kMember); !text.empty()) shown.emplace(path, std::move(text));
          },
          [](const std::string& section, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            keys.push_back({section, own_name, Codec::expects, needed});
          }};
}

// A section within: [dataplane.punt], or punt = { … }.
template <auto kMember, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> section(std::string_view name) {
  using Part = typename MemberOf<decltype(kMember)>::type;
  return {name, false, [](const Value& value, Owner& owner) { read_section(value, owner.*kMember); },
          [](const Owner& owner, const std::string& path, Shown& shown) { show_fields(owner.*kMember, path, shown); },
          [](const std::string& outer, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            list_section<Part>(outer, own_name, needed, keys);
          }};
}

// A section that need not be there: absent is not the same as all defaults.
template <auto kMember, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> optional_section(std::string_view name) {
  using Part = typename MemberOf<decltype(kMember)>::type::value_type;
  return {name, false, [](const Value& value, Owner& owner) { read_section(value, (owner.*kMember).emplace()); },
          [](const Owner& owner, const std::string& path, Shown& shown) {
            if (owner.*kMember) show_fields(*(owner.*kMember), path, shown);
          },
          [](const std::string& outer, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            list_section<Part>(outer, own_name, needed, keys);
          }};
}

// Sections that repeat and have names: [[service.backend]].
template <auto kMember, typename Owner = typename MemberOf<decltype(kMember)>::owner>
constexpr Field<Owner> sections(std::string_view name) {
  using Part = typename MemberOf<decltype(kMember)>::type::value_type;
  return {name, false, [](const Value& value, Owner& owner) { read_sections(value, owner.*kMember); },
          [](const Owner& owner, const std::string& path, Shown& shown) {
            for (const Part& part : owner.*kMember) show_fields(part, path + "." + part.name, shown);
          },
          [](const std::string& outer, std::string_view own_name, bool needed, std::vector<KeyInfo>& keys) {
            list_section<Part>(outer, own_name, needed, keys);
          }};
}

constexpr std::array kIdleWords{Word{"spin", Idle::spin}, Word{"adaptive", Idle::adaptive}};
constexpr std::array kHugepageWords{Word{"auto", Hugepages::automatic}, Word{"on", Hugepages::on}, Word{"off", Hugepages::off}};
constexpr std::array kForwardingWords{Word{"nat", ForwardingMethod::nat}, Word{"l2-dsr", ForwardingMethod::l2_dsr},
                                      Word{"full-nat", ForwardingMethod::full_nat, true}, Word{"ipip", ForwardingMethod::ipip, true},
                                      Word{"gue", ForwardingMethod::gue, true}};
constexpr std::array kSchedulerWords{Word{"consistent-round-robin", SchedulerKind::consistent_round_robin},
                                     Word{"round-robin", SchedulerKind::round_robin},
                                     Word{"maglev", SchedulerKind{}, true},
                                     Word{"least-connections", SchedulerKind{}, true},
                                     Word{"source-hash", SchedulerKind{}, true},
                                     Word{"single-writer", SchedulerKind{}, true}};
constexpr std::array kCheckWords{Word{"none", CheckType::none}, Word{"tcp", CheckType::tcp}, Word{"http", CheckType::http},
                                 Word{"https", CheckType::https}, Word{"mysql", CheckType::none, true}};

constexpr std::array kHaModeWords{Word{"pair", HaMode::pair}, Word{"vrrp", HaMode::vrrp}};
constexpr std::array kGroupMacWords{Word{"virtual", GroupMac::virtual_mac}, Word{"node", GroupMac::node_mac}};
constexpr std::array kTransitWords{Word{"drop", Transit::drop}, Word{"route", Transit::route}};

constexpr std::int64_t kHourMs = 3'600'000;

constexpr std::array kNode{key<&Node::name, NodeName>("name")};

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
    section<&Dataplane::punt>("punt"),
};

constexpr std::array kPort{
    key<&Port::name, Name>("name", true),
    key<&Port::device, Device>("device", true),
    key<&Port::mac, Optional<Mac>>("mac"),
    key<&Port::mtu_bytes, Whole<std::uint16_t, 576, 9600>>("mtu_bytes"),
    key<&Port::address, List<InterfaceAddress>>("address"),
    key<&Port::neighbour, MapOf<Address, Mac>>("neighbour"),
    key<&Port::route, MapOf<Network, Address>>("route"),
    key<&Port::vlan, List<Whole<std::uint16_t, 1, 4094>>>("vlan"),
    key<&Port::queues, Optional<Whole<unsigned, 1, 64>>>("queues"),
    key<&Port::peer_address, List<PeerOn>>("peer_address"),
    key<&Port::group_mac, Optional<Choice<kGroupMacWords>>>("group_mac"),
};

constexpr std::array kSync{
    key<&Sync::local, MaybeAddress>("local"),
    key<&Sync::peer, MaybeAddress>("peer"),
    key<&Sync::port, PortNumber>("port"),
    key<&Sync::key, Text>("key"),
};

constexpr std::array kHa{
    key<&Ha::mode, Choice<kHaModeWords>>("mode"),
    key<&Ha::advert_interval, Automatic<Duration<10, 10'000>>>("advert_interval"),
    key<&Ha::mac, Choice<kGroupMacWords>>("mac"),
    key<&Ha::start_delay, Duration<0, kHourMs>>("start_delay"),
    key<&Ha::peer_gone, Duration<0, 24 * kHourMs>>("peer_gone"),
    key<&Ha::preempt, Truth>("preempt"),
};

constexpr std::array kGroup{
    key<&Group::name, Name>("name", true),
    key<&Group::prefer, NodeName>("prefer"),
    key<&Group::vrid, MapOf<LanKey, Whole<std::uint8_t, 1, 255>>>("vrid"),
    key<&Group::gateway, List<InterfaceAddress>>("gateway"),
    key<&Group::pool, List<Address>>("pool"),
    key<&Group::transit, Choice<kTransitWords>>("transit"),
};

constexpr std::array kTimeouts{
    key<&Timeouts::half_open, Ticks>("half_open"),
    key<&Timeouts::established, Ticks>("established"),
    key<&Timeouts::fin, Ticks>("fin"),
    key<&Timeouts::time_wait, Ticks>("time_wait"),
    key<&Timeouts::reset, Ticks>("reset"),
    key<&Timeouts::udp_one_way, Ticks>("udp_one_way"),
    key<&Timeouts::udp_two_way, Ticks>("udp_two_way"),
};

constexpr std::array kCheck{
    key<&Check::type, Choice<kCheckWords>>("type"),
    key<&Check::path, Text>("path"),
    key<&Check::host, Text>("host"),
    key<&Check::expect, StatusList>("expect"),
    key<&Check::interval, Duration<10, kHourMs>>("interval"),
    key<&Check::timeout, Duration<1, kHourMs>>("timeout"),
    key<&Check::rise, Whole<unsigned, 1, 1000>>("rise"),
    key<&Check::fall, Whole<unsigned, 1, 1000>>("fall"),
    key<&Check::jitter, Ratio>("jitter"),
    key<&Check::port, Optional<PortNumber>>("port"),
    key<&Check::ca, Text>("ca"),
    key<&Check::sni, Text>("sni"),
    key<&Check::verify, Truth>("verify"),
};

constexpr std::array kBackend{
    key<&Backend::name, Name>("name", true),
    key<&Backend::address, BackendAddress>("address", true),
    key<&Backend::weight, Whole<std::uint16_t, 0, 256>>("weight"),
};

constexpr std::array kService{
    key<&Service::name, Name>("name", true),
    key<&Service::group, Name>("group"),
    key<&Service::listen, List<ListenOn, true>>("listen", true),
    key<&Service::forwarding, Choice<kForwardingWords>>("forwarding"),
    key<&Service::scheduler, Choice<kSchedulerWords>>("scheduler"),
    section<&Service::timeouts>("timeouts"),
    key<&Service::grace, Duration<0, 24 * kHourMs>>("grace"),
    section<&Service::check>("check"),
    sections<&Service::backend>("backend"),
};

constexpr std::array kConfig{
    section<&Config::node>("node"),          section<&Config::dataplane>("dataplane"), sections<&Config::port>("port"),
    optional_section<&Config::sync>("sync"), optional_section<&Config::ha>("ha"),      sections<&Config::group>("group"),
    sections<&Config::service>("service"),
};

constexpr std::array kLater{
    LaterKey{"", "protect"},
    LaterKey{"", "mirror"},
    LaterKey{"port", "mode"},
    LaterKey{"service", "slow_start"},
    LaterKey{"service", "disable_grace"},
    LaterKey{"service", "idle_timeout"},
    LaterKey{"service", "on_role_loss"},
    LaterKey{"service", "fallback"},
    LaterKey{"service", "threshold"},
    LaterKey{"service", "cap"},
    LaterKey{"service", "tunnel_source"},
    LaterKey{"service", "gue_port"},
    LaterKey{"service", "transit"},
    LaterKey{"service.check", "user"},
    LaterKey{"service.check", "secret"},
    LaterKey{"service.check", "max_lag"},
    LaterKey{"service.check", "via"},
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
template <>
std::span<const Field<Ha>> fields_of() {
  return kHa;
}
template <>
std::span<const Field<Group>> fields_of() {
  return kGroup;
}
template <>
std::span<const Field<Timeouts>> fields_of() {
  return kTimeouts;
}
template <>
std::span<const Field<Check>> fields_of() {
  return kCheck;
}
template <>
std::span<const Field<Backend>> fields_of() {
  return kBackend;
}
template <>
std::span<const Field<Service>> fields_of() {
  return kService;
}
template <>
std::span<const Field<Config>> fields_of() {
  return kConfig;
}

std::span<const LaterKey> later_keys() { return kLater; }

void read_config(const Toml& tree, Config& config, Reading& reading) {
  const Scope top;
  read_table(Value{tree, "", "", "", top, reading}, top, "", config);
}

void show_config(const Config& config, Shown& shown) { show_fields(config, "", shown); }

std::vector<KeyInfo> all_keys() {
  std::vector<KeyInfo> keys;
  for (const auto& field : kConfig) field.list("", field.name, field.required, keys);
  return keys;
}

}  // namespace tandem::config
