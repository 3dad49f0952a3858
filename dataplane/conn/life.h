// SPDX-License-Identifier: Apache-2.0
// Table, deadlines and state kept in step: what the pipeline calls when a packet makes or changes a connection.
#pragma once

#include "dataplane/conn/expiry.h"
#include "dataplane/conn/table.h"
#include "dataplane/conn/tcp_state.h"

namespace tandem {

// Sets the entry's state, what was seen, its idle time and its deadline. For a new entry and for every change.
template <typename Entry>
void enter(ConnTable<Entry>& table, Expiry& expiry, Entry& entry, Life life, const Timeouts& timeouts) noexcept {
  table.change_state(entry, life.state);
  ConnDetail& detail = table.detail(entry);
  detail.seen = life.seen;
  detail.idle_timeout = idle_timeout(life.state, timeouts, table.under_pressure());
  expiry.arm(table.handle(entry), detail.idle_timeout);
}

// What a packet did to its connection. seen: it told something new, and the state is the same.
enum class Change : std::uint8_t { nothing, seen, state };

// One packet of a known connection. `timeouts(ServiceId)` is asked for only when the state changed.
template <typename Entry, typename TimeoutsOf>
Change observe(ConnTable<Entry>& table, Expiry& expiry, Entry& entry, Direction direction, std::uint8_t tcp_flags,
               TimeoutsOf&& timeouts) noexcept {
  entry.touch(expiry.tick());
  if (is_steady(entry.state, tcp_flags)) return Change::nothing;  // the details stay cold
  ConnDetail& detail = table.detail(entry);
  const Life before{entry.state, detail.seen};
  const bool one_way = is_one_way(entry.method);
  const Life after =
      entry.protocol == Protocol::tcp ? after_tcp(before, direction, tcp_flags, one_way) : after_udp(before, direction, one_way);
  detail.seen = after.seen;
  if (after.state == before.state) return after.seen == before.seen ? Change::nothing : Change::seen;
  enter(table, expiry, entry, after, timeouts(detail.service));
  return Change::state;
}

}  // namespace tandem
