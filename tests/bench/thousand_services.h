// SPDX-License-Identifier: Apache-2.0
// A configuration of 1000 services of 10 backends each, what the kernel says of their network, and the builder and publisher
// that tandemd would hold for it.
#pragma once

#include <string>

#include "controlplane/config/build.h"
#include "dataplane/model/publisher.h"

namespace tandem::bench {

inline constexpr int kServices = 1000, kBackends = 10;
inline constexpr std::uint16_t kServicePort = 80;
inline constexpr MacAddress kOutsideMac{{2, 0, 0, 0, 0, 2}}, kInsideMac{{2, 0, 0, 0, 0, 4}}, kOthersMac{{2, 0, 0, 0, 0, 1}};

inline Ipv4Address v4(std::uint32_t host) { return Ipv4Address{Be32{host}}; }
inline Ipv4Address vip(int service) { return v4(0xc0000200u + static_cast<std::uint32_t>(service)); }
inline Ipv4Address real(int service, int backend) { return v4(0x0a000100u + static_cast<std::uint32_t>(service * kBackends + backend)); }
inline std::string service_name(int service) { return "service-" + std::to_string(service); }
inline std::string backend_name(int backend) { return "backend-" + std::to_string(backend); }

config::Config thousand_services();
config::Network their_network();

struct ThousandServices {
  explicit ThousandServices(std::size_t workers);  // its thousand schedules take a second or two

  void publish();

  config::GenerationBuilder builder;
  Publisher publisher;
  config::Config config = thousand_services();
  config::Network network = their_network();
};

}  // namespace tandem::bench
