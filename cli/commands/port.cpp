// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/commands.h"
#include "cli/commands/port_card.h"
#include "cli/commands/query.h"
#include "cli/render/table.h"
#include "common/api/types.h"

namespace tandem::cli {
namespace {

using api::Port;

std::string link_of(const Port& port) {
  if (!port.up) return "down";
  return port.speed_bytes == 0 ? "up" : "up " + compact(static_cast<double>(port.speed_bytes) * 8) + "bit/s";
}

Cell link_cell(const Port& port) { return {link_of(port), port.up ? "up" : "down", port.up ? Tone::good : Tone::bad}; }

// What a port lost: trouble is seen without --stats.
Cell trouble_cell(const Port& port) {
  const std::uint64_t lost = port.rx_missed + port.rx_errors + port.rx_no_buffer + port.tx_errors + port.tx_queue_full;
  return {compact(static_cast<double>(lost)), std::to_string(lost), lost > 0 ? Tone::warn : Tone::plain};
}

template <api::Count Port::*Field>
Cell count_of(const Port& port) {
  return count_cell(port.*Field);
}
template <api::Count Port::*Field>
Cell bytes_of(const Port& port) {
  return bytes_cell(port.*Field);
}

Columns<Port> columns(bool stats) {
  const Shown settings = stats ? Shown::wide : Shown::always, counters = stats ? Shown::always : Shown::wide;
  return {
      {"PORT", "name", [](const Port& p) { return Cell{p.name}; }},
      {"LINK", "link", link_cell},
      {"DEVICE", "device", [](const Port& p) { return Cell{p.device}; }, settings},
      {"DRIVER", "driver", [](const Port& p) { return Cell{p.driver}; }, settings},
      {"MAC", "mac", [](const Port& p) { return Cell{p.mac}; }, settings},
      {"TWIN", "twin", [](const Port& p) { return Cell{p.twin}; }, settings},
      {"QUEUES", "", [](const Port& p) { return Cell{std::to_string(p.queues_rx) + "/" + std::to_string(p.queues_tx)}; },
       stats ? Shown::wide : Shown::table_only},
      {"MTU", "mtu_bytes", [](const Port& p) { return Cell{std::to_string(p.mtu_bytes)}; }, Shown::wide},
      {"", "speed_bytes", [](const Port& p) { return Cell{std::to_string(p.speed_bytes)}; }, Shown::plain_only},
      {"RX", "rx_packets", count_of<&Port::rx_packets>},
      {"TX", "tx_packets", count_of<&Port::tx_packets>},
      {"RX BYTES", "rx_bytes", bytes_of<&Port::rx_bytes>, counters},
      {"TX BYTES", "tx_bytes", bytes_of<&Port::tx_bytes>, counters},
      {"LOST", "lost", trouble_cell, stats ? Shown::wide : Shown::always},
      {"MISSED", "rx_missed", count_of<&Port::rx_missed>, counters},
      {"RX ERR", "rx_errors", count_of<&Port::rx_errors>, counters},
      {"NO BUF", "rx_no_buffer", count_of<&Port::rx_no_buffer>, counters},
      {"TX ERR", "tx_errors", count_of<&Port::tx_errors>, counters},
      {"TX FULL", "tx_queue_full", count_of<&Port::tx_queue_full>, counters},
      {"LINK CHANGES", "link_changes", count_of<&Port::link_changes>, counters},
      {"NOTE", "note", [](const Port& p) { return Cell{p.note}; }, settings},
  };
}

}  // namespace

void add_port(Tree& tree) {
  Noun noun = tree.noun("port", "ports", "Ports: link, device, counters.", R"(  tandemctl port list
  tandemctl port list --stats --watch
  tandemctl port verify outside --by inside)");
  const auto stats = std::make_shared<bool>();
  noun.verb("list", "All ports.", R"(  tandemctl port list
  tandemctl port list --stats --watch)")
      .flag(*stats, "--stats", "all counters")
      .run([stats](Session& session) {
        return show(session, {.method = "port.list", .draw = [stats](const Json& data, const Look& look) {
                                return table(columns(*stats), data.get<std::vector<Port>>(), look);
                              }});
      });
  add_port_show(noun), add_port_verify(noun);
}

}  // namespace tandem::cli
