// SPDX-License-Identifier: Apache-2.0
// A running node's ports, looked at closely: what was asked of each device and what it said, and by `port verify` what packets do.
// Threads: the loop's.
#pragma once

#include <functional>

#include "controlplane/api/event_log.h"
#include "controlplane/api/port_desk.h"
#include "dataplane/dataplane.h"

namespace tandem {

// What verify must know besides the ports, as it is at the moment.
struct PortSurroundings {
  std::string serving;  // for people; empty: nothing
  std::optional<IpAddress> vip;
  std::vector<std::vector<MacAddress>> macs;      // by PortId
  std::vector<std::vector<std::uint16_t>> vlans;  // by PortId
};

class NodePorts final : public PortDesk {
 public:
  using Around = std::function<PortSurroundings()>;
  NodePorts(Dataplane& dataplane, EventLog& events, Around around) : dataplane_{dataplane}, events_{events}, around_{std::move(around)} {}

  std::vector<std::string> ports() const override;
  api::PortCard card(const std::string& port) const override;
  std::string why_busy() const override { return around_().serving; }
  api::PortCard verify(const VerifyWish& wish) override;

 private:
  Dataplane& dataplane_;
  EventLog& events_;
  Around around_;
};

// Lines of the device's word, and of what was seen: under one name they are one line.
api::PortCard card_of(const PortState& state);
void add_sights(api::PortCard& card, const ProbeReport& report);

}  // namespace tandem
