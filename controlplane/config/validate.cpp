// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/validate.h"

#include <sched.h>

namespace tandem::config {

Machine this_machine() {
  Machine machine;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  // Fails where the machine has more cores than cpu_set_t: then nothing is known, and nothing refused.
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return machine;
  for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) machine.cores.push_back(core);
  }
  return machine;
}

std::string_view unusable_reason(const IpAddress& address) {
  if (address.is_unspecified()) return "the unspecified address";
  if (address.is_loopback()) return "a loopback address";
  if (address.is_multicast()) return "a multicast address";
  if (address.family == Family::ipv4 && address.v4().value.host() == 0xffffffff) return "the broadcast address";
  return {};
}

void validate(const Judge& judge) {
  if (judge.has(Part::node)) validate_dataplane(judge), validate_ports(judge), validate_peer(judge);
  if (judge.has(Part::pair))
    validate_services(judge), validate_groups(judge), validate_members(judge), validate_fallbacks(judge), validate_datagrams(judge),
        validate_checks(judge);
  if (judge.part == Part::whole) validate_pair(judge);
}

}  // namespace tandem::config
