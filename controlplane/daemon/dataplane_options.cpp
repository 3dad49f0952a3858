// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/dataplane_options.h"

namespace tandem {
namespace {

DataplaneOptions::Hugepages hugepages_of(config::Hugepages wanted) {
  switch (wanted) {
    case config::Hugepages::on:
      return DataplaneOptions::Hugepages::on;
    case config::Hugepages::off:
      return DataplaneOptions::Hugepages::off;
    case config::Hugepages::automatic:
      break;
  }
  return DataplaneOptions::Hugepages::automatic;
}

RssFields fields_of(config::Rss rss) {
  switch (rss) {
    case config::Rss::source:
      return RssFields::source;
    case config::Rss::destination:
      return RssFields::destination;
    case config::Rss::flow:
      break;
  }
  return RssFields::flow;
}

}  // namespace

DataplaneOptions dataplane_options(const config::Config& config, const Options& options) {
  DataplaneOptions out;
  for (const config::Port& port : config.port)
    out.ports.push_back({port.name, port.device, port.mac, port.mtu_bytes, port.queues, fields_of(port.rss)});
  out.cores = config.dataplane.cores, out.workers = config.dataplane.workers;
  out.adaptive_idle = config.dataplane.idle == config::Idle::adaptive;
  out.connections_ipv4 = config.dataplane.connections, out.connections_ipv6 = config.dataplane.connections_ipv6;
  out.hugepages = hugepages_of(config.dataplane.hugepages);
  out.buffers = config.dataplane.buffers;
  out.icmp_errors_pps = config.dataplane.icmp_errors_pps, out.adoptions_pps = config.dataplane.adoptions_pps;
  out.punt_rates_pps = {config.dataplane.punt.control_pps, config.dataplane.punt.known_pps, config.dataplane.punt.rest_pps};
  out.punt_reserve = options.punt_reserve;
  out.steering_program = options.bpf_dir + "/steer.bpf.o";
  return out;
}

}  // namespace tandem
