// SPDX-License-Identifier: Apache-2.0
// What both nodes agree on about each other, [ha] and [[group]], and whom both let in: [protect].
#include "controlplane/config/codec_pair.h"
#include "controlplane/config/field_makers.h"

namespace tandem::config {
namespace {

using namespace codec;

constexpr std::array kHaModeWords{Word{"pair", HaMode::pair}, Word{"vrrp", HaMode::vrrp}};
constexpr std::array kVrrpWords{Word{"multicast", VrrpTo::multicast}, Word{"unicast", VrrpTo::unicast}};
constexpr std::array kTransitWords{Word{"drop", Transit::drop}, Word{"route", Transit::route}};

constexpr std::array kHa{
    key<&Ha::mode, Choice<kHaModeWords>>("mode"),
    key<&Ha::advert_interval, Automatic<Duration<10, 10'000>>>("advert_interval"),
    key<&Ha::mac, Choice<kGroupMacWords>>("mac"),
    key<&Ha::start_delay, Duration<0, kHourMs>>("start_delay"),
    key<&Ha::peer_gone, Duration<0, 24 * kHourMs>>("peer_gone"),
    key<&Ha::vrrp, Choice<kVrrpWords>>("vrrp"),
    key<&Ha::preempt, Truth>("preempt"),
};

constexpr std::array kProtect{
    key<&Protect::prefixes, List<Network>>("prefixes"),
};

constexpr std::array kGroup{
    key<&Group::name, Name>("name", true),          key<&Group::prefer, NodeName>("prefer"),
    key<&Group::vrid, MapOf<LanKey, Vrid>>("vrid"), key<&Group::gateway, List<InterfaceAddress>>("gateway"),
    key<&Group::pool, List<Address>>("pool"),       key<&Group::transit, Choice<kTransitWords>>("transit"),
};

}  // namespace

template <>
std::span<const Field<Ha>> fields_of() {
  return kHa;
}
template <>
std::span<const Field<Protect>> fields_of() {
  return kProtect;
}
template <>
std::span<const Field<Group>> fields_of() {
  return kGroup;
}

}  // namespace tandem::config
