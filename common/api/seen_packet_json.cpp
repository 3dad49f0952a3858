// SPDX-License-Identifier: Apache-2.0
#include "common/api/seen_packet.h"

#include "common/api/json_fields.h"

namespace tandem::api {

TANDEM_FIELDS(Contender, backend, state, live, turns, connections)
TANDEM_FIELDS(Explanation, node, proto, source, target, packet, role, generation, service, lender, forwarding, scheduler, group, group_role,
              port, vlan, worker, core, any_worker, entry, entry_backend, entry_origin, entry_exception, entry_adopted, entry_age_seconds,
              entry_idle_seconds, decides, first, second, chosen, rule, becomes, fate, reason, reason_text, backend, out, next_hop,
              next_mac, left_source, left_target)
TANDEM_FIELDS(TracedPacket, time, port, kind, flags, source, target, role, service, worker, bytes, owner, handed_over, entry, becomes,
              backend, stage, fate, reason, punt_class, out, left_source, left_target)
#undef TANDEM_FIELDS

}  // namespace tandem::api
