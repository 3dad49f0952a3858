// SPDX-License-Identifier: Apache-2.0
// [[service]] and what is in it.
#include "controlplane/config/field_makers.h"

namespace tandem::config {
namespace {

using namespace codec;

constexpr std::array kForwardingWords{Word{"nat", ForwardingMethod::nat}, Word{"l2-dsr", ForwardingMethod::l2_dsr},
                                      Word{"full-nat", ForwardingMethod::full_nat}, Word{"ipip", ForwardingMethod::ipip},
                                      Word{"gue", ForwardingMethod::gue}};
constexpr std::array kClientAddressWords{Word{"none", ClientAddress::none}, Word{"proxy-v2", ClientAddress::proxy_v2},
                                         Word{"toa", ClientAddress::toa}};
constexpr std::array kSchedulerWords{Word{"consistent-round-robin", SchedulerKind::consistent_round_robin},
                                     Word{"round-robin", SchedulerKind::round_robin},
                                     Word{"maglev", SchedulerKind::maglev},
                                     Word{"least-connections", SchedulerKind::least_connections},
                                     Word{"source-hash", SchedulerKind::source_hash},
                                     Word{"single-writer", SchedulerKind{}, true}};
constexpr std::array kCheckWords{Word{"none", CheckType::none}, Word{"tcp", CheckType::tcp}, Word{"http", CheckType::http},
                                 Word{"https", CheckType::https}, Word{"mysql", CheckType::none, true}};

constexpr std::array kViaWords{Word{"backend", CheckVia::backend}, Word{"vip", CheckVia::vip}};

constexpr std::array kOnDeadWords{Word{"keep", OnDead::keep}, Word{"reset", OnDead::reset}};

using Rate = Count<std::uint32_t, 0, 100'000'000>;  // 0: any number

constexpr std::array kTimeouts{
    key<&Timeouts::half_open, Ticks>("half_open"),
    key<&Timeouts::established, Ticks>("established"),
    key<&Timeouts::fin, Ticks>("fin"),
    key<&Timeouts::time_wait, Ticks>("time_wait"),
    key<&Timeouts::reset, Ticks>("reset"),
    key<&Timeouts::udp_one_way, Ticks>("udp_one_way"),
    key<&Timeouts::udp_two_way, Ticks>("udp_two_way"),
};

constexpr std::array kLimits{
    key<&Limits::connections_cps, Rate>("connections_cps"),
    key<&Limits::packets_pps, Rate>("packets_pps"),
    key<&Limits::source_connections_cps, Rate>("source_connections_cps"),
    key<&Limits::source_packets_pps, Rate>("source_packets_pps"),
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
    key<&Check::via, Choice<kViaWords>>("via"),
};

constexpr std::array kPassive{
    key<&Passive::failed, Whole<unsigned, 1, 1000>>("failed"),
    key<&Passive::of, Whole<unsigned, 1, 1000>>("of"),
};

constexpr std::array kQuicCid{
    key<&QuicIdForm::config_id, Whole<std::uint8_t, 0, 6>>("config_id"),
    key<&QuicIdForm::server_id_bytes, Whole<std::uint8_t, 1, kQuicServerIdMost>>("server_id_bytes"),
    key<&QuicIdForm::nonce_bytes, Whole<std::uint8_t, 4, 18>>("nonce_bytes"),
};

constexpr std::array kBackend{
    key<&Backend::name, Name>("name", true),
    key<&Backend::address, BackendAddress>("address", true),
    key<&Backend::weight, Whole<std::uint16_t, 0, 256>>("weight"),
    key<&Backend::server_id, ServerIdText>("server_id"),
};

constexpr std::array kService{
    key<&Service::name, Name>("name", true),
    key<&Service::group, Name>("group"),
    key<&Service::listen, List<ListenOn, true>>("listen", true),
    key<&Service::forwarding, Choice<kForwardingWords>>("forwarding"),
    key<&Service::tunnel_source, List<Network, true>>("tunnel_source"),
    key<&Service::tunnel_dscp, Optional<Whole<std::uint8_t, 0, 63>>>("tunnel_dscp"),
    key<&Service::gue_port, PortNumber>("gue_port"),
    key<&Service::gue_header, Truth>("gue_header"),
    key<&Service::client_address, Choice<kClientAddressWords>>("client_address"),
    key<&Service::scheduler, Choice<kSchedulerWords>>("scheduler"),
    key<&Service::slow_start, Duration<0, kHourMs>>("slow_start"),
    key<&Service::fallback, Name>("fallback"),
    section<&Service::timeouts>("timeouts"),
    section<&Service::limit>("limit"),
    key<&Service::grace, Duration<0, 24 * kHourMs>>("grace"),
    key<&Service::disable_grace, Optional<Duration<0, 24 * kHourMs>>>("disable_grace"),
    key<&Service::on_dead, Choice<kOnDeadWords>>("on_dead"),
    key<&Service::one_packet, Truth>("one_packet"),
    optional_section<&Service::quic_cid>("quic_cid"),
    key<&Service::panic_threshold, Percent>("panic_threshold"),
    section<&Service::check>("check"),
    optional_section<&Service::passive>("passive"),
    sections<&Service::backend>("backend"),
};

}  // namespace

template <>
std::span<const Field<Timeouts>> fields_of() {
  return kTimeouts;
}
template <>
std::span<const Field<Limits>> fields_of() {
  return kLimits;
}
template <>
std::span<const Field<Check>> fields_of() {
  return kCheck;
}
template <>
std::span<const Field<Passive>> fields_of() {
  return kPassive;
}
template <>
std::span<const Field<QuicIdForm>> fields_of() {
  return kQuicCid;
}
template <>
std::span<const Field<Backend>> fields_of() {
  return kBackend;
}
template <>
std::span<const Field<Service>> fields_of() {
  return kService;
}

}  // namespace tandem::config
