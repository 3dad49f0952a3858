// SPDX-License-Identifier: Apache-2.0
// A node with two ports: outside 192.0.2.1/24 (gateway .254) and inside 10.0.0.1/24, where backends answer.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "controlplane/config/build.h"

namespace tandem::config {

using namespace std::chrono_literals;

inline IpAddress ip(std::string_view text) { return parse_address(text).value(); }
inline Prefix prefix(std::string_view text) { return parse_prefix(text).value(); }
inline Endpoint endpoint(std::string_view text) { return parse_endpoint(text).value(); }
inline MacAddress mac(std::uint8_t last) { return MacAddress{{2, 0, 0, 0, 0, last}}; }
inline Instant at(std::chrono::nanoseconds since_start) { return Instant{since_start}; }

inline constexpr PortId kOutside{0}, kInside{1};
inline constexpr MacAddress kOutsideMac{{2, 0, 0, 1, 0, 0}}, kInsideMac{{2, 0, 0, 1, 0, 1}};

// "web-1" at 10.0.0.1x:80.
inline Backend backend(std::string name, std::string_view address, std::uint16_t weight = 1) {
  return {std::move(name), endpoint(address), weight};
}

inline Service service(std::string name, std::string_view vip, std::vector<Backend> backends) {
  Service made;
  made.name = std::move(name);
  made.listen = {{endpoint(vip).address, endpoint(vip).port, Protocol::tcp}};
  made.backend = std::move(backends);
  return made;
}

inline Service web() {
  return service("web", "192.0.2.10:80",
                 {backend("web-1", "10.0.0.11:80"), backend("web-2", "10.0.0.12:80"), backend("web-3", "10.0.0.13:80")});
}
inline Service mail() { return service("mail", "192.0.2.20:25", {backend("mail-1", "10.0.0.21:25"), backend("mail-2", "10.0.0.22:25")}); }

class BuilderWorld : public testing::Test {
 protected:
  BuilderWorld() {
    config_.port = {{.name = "outside"}, {.name = "inside"}};
    config_.service = {web(), mail()};
    network_.lans = {
        {{kOutside, 0}, {prefix("192.0.2.1/24")}, {{prefix("0.0.0.0/0"), ip("192.0.2.254"), 0}}, {{ip("192.0.2.254"), mac(254)}}},
        {{kInside, 0},
         {prefix("10.0.0.1/24")},
         {},
         {{ip("10.0.0.11"), mac(11)}, {ip("10.0.0.12"), mac(12)}, {ip("10.0.0.13"), mac(13)}, {ip("10.0.0.21"), mac(21)}}}};
    ports_ = {{kOutsideMac, 1500, TwinKind::copied, true}, {kInsideMac, 1500, TwinKind::copied, true}};
  }

  std::unique_ptr<Generation> build() { return build(builder_); }
  std::unique_ptr<Generation> build(GenerationBuilder& builder) {
    const Result<> taken = builder.set_config(config_, now_);
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    builder.set_ports(ports_);
    builder.set_network(network_);
    return builder.build();
  }

  BackendSlot slot(std::string_view service, std::string_view backend) {
    const auto slots = builder_.slots_of(service, backend);
    EXPECT_EQ(slots.size(), 1u) << service << '/' << backend;
    return slots.empty() ? kNoBackend : slots.front();
  }
  static const BackendView& view(const Generation& generation, BackendSlot slot) { return (*generation.backends)[index(slot)]; }
  static const Adjacency& hop(const Generation& generation, BackendSlot slot) { return (*generation.backend_hops)[index(slot)]; }
  static ServiceId service_id(const Generation& generation, std::string_view vip) {
    return generation.index->find_service(endpoint(vip).address, Protocol::tcp, endpoint(vip).port);
  }
  static const ServiceView& service_view(const Generation& generation, std::string_view vip) {
    return generation.services->at(index(service_id(generation, vip)));
  }
  static const NatBackendEntry* nat_backend(const Generation& generation, std::string_view address) {
    return generation.index->find_nat_backend(endpoint(address).address.v4(), Protocol::tcp, Be16{endpoint(address).port});
  }
  Backend& configured(std::size_t service, std::size_t backend) { return config_.service[service].backend[backend]; }

  HashSeed seed_{1, 2, 3};
  Config config_;
  Network network_;
  std::vector<PortInput> ports_;
  Instant now_ = at(1000s);
  GenerationBuilder builder_{seed_, 2};
};

}  // namespace tandem::config
