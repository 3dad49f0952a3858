// SPDX-License-Identifier: Apache-2.0
#include "dataplane/starting.h"

#include <sched.h>

#include <algorithm>

#include "dataplane/io/queues_allowed.h"
#include "dataplane/worker/worker.h"

namespace tandem {

namespace {

// DPDK's own structures, drivers' rings and per-port memory, measured below 24 MiB for one port and 4 MiB for each further.
constexpr std::uint64_t kBaseBytes = 32 << 20, kPortBytes = 8 << 20;

unsigned usable_cpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? static_cast<unsigned>(CPU_COUNT(&cpus)) : 1;
}

// As many as cores; without cores, the smallest queue count of the ports. Kernel and soft devices have as many queues as one
// likes, which says nothing: one is what they have by nature.
unsigned choose_workers(const DataplaneOptions& options, const std::vector<Device>& devices) {
  if (!options.cores.empty()) return static_cast<unsigned>(options.cores.size());
  if (options.workers) return *options.workers;
  const unsigned cpus = usable_cpus() > 1 ? usable_cpus() - 1 : 1;  // one stays free for the control threads
  unsigned fewest = devices.empty() ? 1 : kMaxWorkers;
  for (std::size_t p = 0; p < devices.size(); ++p) {
    const DeviceKind kind = devices[p].kind;
    const bool has_many = kind == DeviceKind::pci || kind == DeviceKind::bonding || kind == DeviceKind::vdev;
    const unsigned natural = has_many ? cpus : kind == DeviceKind::af_xdp ? queues_allowed(devices[p]).value_or(1) : 1;
    fewest = std::min(fewest, options.ports[p].queues.value_or(natural));
  }
  return std::max(fewest, 1U);
}

HugepageWish wish_of(DataplaneOptions::Hugepages hugepages) {
  switch (hugepages) {
    case DataplaneOptions::Hugepages::on:
      return HugepageWish::on;
    case DataplaneOptions::Hugepages::off:
      return HugepageWish::off;
    case DataplaneOptions::Hugepages::automatic:
      break;
  }
  return HugepageWish::automatic;
}

void add_pci_addresses(const Device& device, StartPlan& plan) {
  if (device.kind == DeviceKind::pci) plan.eal.pci_addresses.push_back(device.target);
  for (const Device& member : device.members) add_pci_addresses(member, plan);
}

Result<> read_devices(const DataplaneOptions& options, StartPlan& plan) {
  if (options.ports.size() > kMaxPorts) return fail("more than " + std::to_string(kMaxPorts) + " ports");
  for (const PortOptions& port : options.ports) {
    Result<Device> device = parse_device(port.device);
    if (!device) return fail(device.error().within("port " + port.name));
    add_pci_addresses(*device, plan);
    if (device->kind == DeviceKind::af_xdp) {
      plan.needs_one_piece = true;
      if (options.steering_program.empty()) return fail("port " + port.name + ": af_xdp needs the steering program, and none was given");
    }
    plan.devices.push_back(std::move(*device));
  }
  return {};
}

Result<> size_memory(const DataplaneOptions& options, StartPlan& plan) {
  std::vector<PortDemand> demands;
  for (std::size_t p = 0; p < plan.devices.size(); ++p) {
    const unsigned wanted = std::min(options.ports[p].queues.value_or(plan.workers), plan.workers);
    const Device& device = plan.devices[p];
    demands.push_back({device.kind, std::min(wanted, queues_allowed(device).value_or(wanted)), options.ports[p].mtu_bytes,
                       static_cast<unsigned>(std::max<std::size_t>(device.members.size(), 1))});
  }
  const Result<PoolPlan> pool = plan_pool(demands, plan.workers, Worker::buffers_held(plan.workers), options.buffers);
  if (!pool) return fail(pool.error());
  plan.pool = *pool;
  plan.eal.memory_bytes = pool->bytes + pool->bytes / 16 + kBaseBytes + kPortBytes * plan.devices.size();
  return {};
}

}  // namespace

Result<StartPlan> plan_start(const DataplaneOptions& options) {
  StartPlan plan;
  plan.eal.hugepages = wish_of(options.hugepages);
  if (const Result<> read = read_devices(options, plan); !read) return fail(read.error());
  plan.workers = choose_workers(options, plan.devices);
  if (plan.workers == 0 || plan.workers > kMaxWorkers)
    return fail("between 1 and " + std::to_string(kMaxWorkers) + " workers are possible");
  if (const Result<> sized = size_memory(options, plan); !sized) return fail(sized.error());
  return plan;
}

}  // namespace tandem
