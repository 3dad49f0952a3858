// SPDX-License-Identifier: Apache-2.0
// The source addresses of full-nat, numbered: which are configured, and which left the configuration but keep the connections that
// they have. Threads: one control thread; the ports of an address are its workers' (port_book.h).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/config.h"
#include "controlplane/config/groups.h"
#include "dataplane/conn/port_book.h"
#include "dataplane/model/vip_index.h"

namespace tandem::config {

class Pools {
 public:
  // How many addresses there would be, with those that stay for their connections.
  std::size_t room_for(const Config& config) const;

  bool configure(const Config& config);  // true: something changed
  bool advance();                        // forgets what left and has no connection any more; true: something changed

  std::vector<PoolView> views(const Groups& groups) const;                      // by PoolSlot
  std::array<std::vector<PoolSlot>, 2> given_to(std::string_view group) const;  // IPv4's and IPv6's; "": of no group
  std::vector<VipEntry> entries(const Groups& groups) const;

 private:
  struct Kept {
    IpAddress address;
    std::string group;
    bool gives = true, left_long_ago = false;  // not given in the last generation either: no worker takes a port any more
    std::shared_ptr<PortBook> ports = std::make_shared<PortBook>();
  };

  Kept* find(const IpAddress& address, std::string_view group);
  std::optional<Kept>& vacancy();

  std::vector<std::optional<Kept>> kept_;  // by PoolSlot
};

}  // namespace tandem::config
