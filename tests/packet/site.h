// SPDX-License-Identifier: Apache-2.0
// The site that all packet scenarios play at: clients on p0, servers 11 to 13 on p1, and eight services, each with all three
// servers. A flow is one client's conversation with one service; its packets are built, and expected, from here.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/support/world.h"

namespace tandem::test {

using Lines = std::vector<std::string>;
using Octets = std::initializer_list<std::uint8_t>;  // to loop over values of a header's field
using Words = std::initializer_list<std::uint16_t>;

inline constexpr PortId kP0{0}, kP1{1};
inline constexpr std::array<unsigned, 3> kServers{11, 12, 13};

// Web is TCP port 80, dns UDP port 53; a 6 says IPv6. The direct ones are l2-dsr, the others nat to ports 8080 and 5353.
enum Service : std::size_t { kWeb, kWeb6, kDns, kDns6, kDirectWeb, kDirectWeb6, kDirectDns, kDirectDns6 };
inline constexpr std::array kNatServices{kWeb, kWeb6, kDns, kDns6};
inline constexpr std::array kDirectServices{kDirectWeb, kDirectWeb6, kDirectDns, kDirectDns6};

World site(std::size_t workers);

bool is_direct(Service service);
bool is_ipv6(Service service);
std::string name_of(Service service);                      // also of one that a story added
std::string address_of(Service service, unsigned server);  // in the service's family

struct Flow {
  Service service{};
  std::uint16_t port = 0;   // the client's
  std::string client = {};  // empty: the client whose MAC is known, .5 or ::5
};

std::string vip_of(Service service);
std::string client_of(const Flow& flow);

// As they arrive at us. Flags are TCP's; UDP has none.
Frame from_client(const Flow& flow, std::uint8_t flags = kTcpSyn);
Frame from_server(const Flow& flow, unsigned server, std::uint8_t flags = kTcpSyn | kTcpAck);

// The same packets as they must leave us.
Frame at_server(const Flow& flow, unsigned server, std::uint8_t flags = kTcpSyn);
Frame at_client(const Flow& flow, std::uint8_t flags = kTcpSyn | kTcpAck);

Lines leaves(PortId port, const Frame& frame);  // as Outcome::lines() spells it

}  // namespace tandem::test
