// SPDX-License-Identifier: Apache-2.0
// What port.show and port.verify need of the node; tandemd implements it. Threads: the loop's.
#pragma once

#include <string>
#include <vector>

#include "common/api/client.h"
#include "common/api/port_card.h"
#include "controlplane/api/server.h"

namespace tandem {

struct VerifyWish {
  std::string port, by;  // by: empty: any port whose frames come there
  std::string user, reason;
};

class PortDesk {
 public:
  virtual ~PortDesk() = default;
  virtual std::vector<std::string> ports() const = 0;
  virtual api::PortCard card(const std::string& port) const = 0;
  virtual std::string why_busy() const = 0;  // what this node serves at the moment; empty: nothing
  virtual api::PortCard verify(const VerifyWish& wish) = 0;
};

void add_port_methods(Server& server, PortDesk& desk);

}  // namespace tandem
