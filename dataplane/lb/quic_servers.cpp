// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/quic_servers.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace tandem {

QuicServers::QuicServers(const QuicIdForm& form, std::vector<Server> servers) : form_{form}, servers_{std::move(servers)} {
  ensure(form.server_id_bytes <= kQuicServerIdMost);
  std::ranges::sort(servers_, {}, &Server::id);
}

std::optional<BackendSlot> QuicServers::find(std::span<const std::uint8_t> id, bool whole) const noexcept {
  const bool fits = whole ? id.size() == form_.id_bytes() : id.size() >= form_.id_bytes();
  if (!fits || id[0] >> 5 != form_.config_id) return std::nullopt;
  QuicServerId wanted{};
  std::ranges::copy(id.subspan(1, form_.server_id_bytes), wanted.begin());
  const auto found = std::ranges::lower_bound(servers_, wanted, {}, &Server::id);
  if (found == servers_.end() || found->id != wanted) return std::nullopt;
  return found->slot;
}

}  // namespace tandem
