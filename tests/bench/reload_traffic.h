// SPDX-License-Identifier: Apache-2.0
// Full load for one worker: every receive finds a burst, of clients' packets at the first port and of replies at the second, of
// flows chosen uniformly among `live` that are spread over the thousand services. What is sent is freed.
#pragma once

#include <rte_mempool.h>

#include <cstdint>

#include "dataplane/io/wire.h"
#include "dataplane/worker/worker_state.h"
#include "tests/bench/thousand_services.h"
#include "tests/support/packet_builder.h"

namespace tandem::bench {

inline constexpr PortId kOutside{0}, kInside{1};

struct ServiceFlow {
  Ipv4Address client;
  Be16 client_port;
  int service, backend;
};
ServiceFlow service_flow(std::uint64_t number);

class FullLoad final : public Wire {
 public:
  FullLoad(rte_mempool* pool, std::uint64_t live);

  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;

 private:
  struct Pattern {
    test::Bytes frame;
    std::uint64_t ip_sum = 0;  // of the header without its addresses
  };
  static Pattern pattern(const MacAddress& node);
  std::uint64_t next_number() noexcept;

  rte_mempool* pool_;
  std::uint64_t live_, random_ = 88172645463325252U;
  Pattern from_client_ = pattern(kOutsideMac), from_backend_ = pattern(kInsideMac);
};

// Established connections for flows 0 … live-1.
void fill(WorkerState& state, const ThousandServices& services, std::uint64_t live);

}  // namespace tandem::bench
