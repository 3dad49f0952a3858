// SPDX-License-Identifier: Apache-2.0
// What workers and ports count: the balance, loops, tables, devices, buffers.
#include <cstdint>
#include <limits>

#include "controlplane/exporter/families.h"

namespace tandem::exporter {
namespace {

// A worker without a core of its own has the number of none in unsigned: it may run anywhere.
std::string core_of(const api::Worker& worker) {
  return worker.core == std::numeric_limits<std::uint32_t>::max() ? "any" : std::to_string(worker.core);
}

void add_loops(Sheet& sheet, const std::string& name, const api::Worker& worker) {
  sheet.add(Metric::worker_info, {name, core_of(worker), std::to_string(worker.socket)}, true);
  sheet.add(Metric::worker_busy_seconds_total, {name}, worker.busy_seconds);
  sheet.add_each(Metric::worker_polls_total, {name}, {{"empty", worker.polls_empty}, {"packets", worker.polls_packets}});
  sheet.add(Metric::worker_packets_total, {name}, worker.packets_total);
  sheet.add_each(Metric::worker_handover_packets_total, {name}, {{"in", worker.handover_in}, {"out", worker.handover_out}});
  sheet.add(Metric::worker_heartbeat_age_seconds, {name}, worker.heartbeat_age_seconds);
  sheet.add_histogram(Metric::worker_loop_duration_seconds, {name}, api::kLoopBucketsSeconds, worker.loop_buckets, worker.loop_sum_seconds);
  sheet.add_histogram(Metric::worker_burst_packets, {name}, api::kBurstBucketsPackets, worker.burst_buckets,
                      static_cast<double>(worker.packets_total));
}

void add_table(Sheet& sheet, const std::string& name, const api::Worker& worker) {
  sheet.add(Metric::conntrack_entries, {name}, worker.entries);
  sheet.add(Metric::conntrack_capacity_entries, {name}, worker.capacity);
  sheet.add(Metric::conntrack_half_open_entries, {name}, worker.half_open);
  sheet.add(Metric::conntrack_flood_mode, {name}, worker.flood);
  sheet.add_each(Metric::conntrack_lookups_total, {name}, {{"hit", worker.lookups_hit}, {"miss", worker.lookups_miss}});
  sheet.add_each(Metric::conntrack_inserts_total, {name}, {{"local", worker.inserts_local}, {"sync", worker.inserts_sync}});
  sheet.add_each(Metric::conntrack_insert_failures_total, {name}, worker.insert_failures);
  sheet.add_each(Metric::conntrack_removed_total, {name}, worker.removed);
  sheet.add_each(Metric::conntrack_orphan_packets_total, {name}, worker.orphans);
  sheet.add_each(Metric::icmp_errors_total, {name}, worker.icmp_errors);
  sheet.add_each(Metric::own_segments_total, {name}, worker.own_segments);
  sheet.add_each(Metric::client_addresses_total, {name}, worker.client_addresses);
}

void add_port(Sheet& sheet, const api::Port& port) {
  sheet.add(Metric::port_info, {port.name, port.driver, port.mac, port.device}, true);
  sheet.add(Metric::port_up, {port.name}, port.up);
  sheet.add(Metric::port_speed_bytes, {port.name}, port.speed_bytes);
  sheet.add(Metric::port_received_packets_total, {port.name}, port.rx_packets);
  sheet.add(Metric::port_received_bytes_total, {port.name}, port.rx_bytes);
  sheet.add(Metric::port_transmitted_packets_total, {port.name}, port.tx_packets);
  sheet.add(Metric::port_transmitted_bytes_total, {port.name}, port.tx_bytes);
  sheet.add(Metric::port_rx_missed_packets_total, {port.name}, port.rx_missed);
  sheet.add(Metric::port_rx_error_packets_total, {port.name}, port.rx_errors);
  sheet.add(Metric::port_rx_no_buffer_packets_total, {port.name}, port.rx_no_buffer);
  sheet.add(Metric::port_tx_error_packets_total, {port.name}, port.tx_errors);
  sheet.add(Metric::port_tx_queue_full_packets_total, {port.name}, port.tx_queue_full);
  sheet.add(Metric::port_link_changes_total, {port.name}, port.link_changes);
}

}  // namespace

void add_packets(Sheet& sheet, const api::Balance& balance) {
  sheet.add(Metric::packets_received_total, {}, balance.rx);
  sheet.add(Metric::packets_injected_total, {}, balance.injected);
  sheet.add(Metric::packets_originated_total, {}, balance.originated);
  sheet.add(Metric::packets_transmitted_total, {}, balance.tx);
  sheet.add(Metric::packets_consumed_total, {}, balance.consumed);
  sheet.add_each(Metric::packets_punted_total, {}, balance.punted);
  sheet.add_each(Metric::packets_dropped_total, {}, balance.dropped);
  sheet.add(Metric::packets_held, {}, balance.held);
  sheet.add_each(Metric::frames_untaken_total, {}, balance.untaken);
}

void add_workers(Sheet& sheet, const std::vector<api::Worker>& workers) {
  for (const api::Worker& worker : workers) {
    const std::string name = std::to_string(worker.worker);
    add_loops(sheet, name, worker);
    add_table(sheet, name, worker);
  }
}

void add_sources(Sheet& sheet, const std::vector<api::Source>& sources) {
  for (const api::Source& source : sources) {
    sheet.add(Metric::source_ports_capacity, {source.address}, source.capacity);
    sheet.add_each(Metric::source_ports_free, {source.address}, {{"tcp", source.free_tcp}, {"udp", source.free_udp}});
    sheet.add_each(Metric::source_connections, {source.address}, {{"tcp", source.connections_tcp}, {"udp", source.connections_udp}});
  }
}

void add_ports(Sheet& sheet, const api::Snapshot& snapshot) {
  for (const api::Port& port : snapshot.ports) add_port(sheet, port);
  for (const api::Pool& pool : snapshot.pools) {
    sheet.add(Metric::mempool_available_buffers, {pool.name}, pool.available);
    sheet.add(Metric::mempool_capacity_buffers, {pool.name}, pool.capacity);
  }
}

}  // namespace tandem::exporter
