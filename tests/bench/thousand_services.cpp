// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/thousand_services.h"

#include <cstdlib>
#include <utility>

namespace tandem::bench {

config::Config thousand_services() {
  config::Config made;
  made.port = {{.name = "outside"}, {.name = "inside"}};
  for (int s = 0; s < kServices; ++s) {
    config::Service service{.name = service_name(s), .listen = {{vip(s), kServicePort, Protocol::tcp}}};
    for (int b = 0; b < kBackends; ++b) service.backend.push_back({backend_name(b), {real(s, b), kServicePort}, 1});
    made.service.push_back(std::move(service));
  }
  return made;
}

config::Network their_network() {
  const Ipv4Address gateway = v4(0xc00001fe);
  config::Network made;
  made.lans = {{{PortId{0}, 0}, {{v4(0xc0000101), 24}}, {{Prefix{v4(0), 0}, gateway, 0}}, {{gateway, kOthersMac}}},
               {{PortId{1}, 0}, {{v4(0x0a000001), 16}}, {}, {}}};
  for (int s = 0; s < kServices; ++s)
    for (int b = 0; b < kBackends; ++b) made.lans[1].neighbours.push_back({real(s, b), kOthersMac});
  return made;
}

ThousandServices::ThousandServices(std::size_t workers) : builder{HashSeed{1}, workers}, publisher{workers} {
  builder.set_ports({{kOutsideMac}, {kInsideMac}});
  builder.set_network(network);
  if (!builder.set_config(config, Instant{})) std::abort();
  publish();
}

void ThousandServices::publish() {
  if (!publisher.publish(builder.build())) std::abort();
}

}  // namespace tandem::bench
