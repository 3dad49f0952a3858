// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/eal.h"

#include <dirent.h>
#include <pthread.h>
#include <rte_alarm.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <future>
#include <optional>
#include <utility>

#include "dataplane/io/driver_log.h"

namespace tandem {

namespace {

constexpr std::uint64_t kMib = 1024 * 1024;

struct Started {
  EalState state;
  bool pci = false;
};

std::optional<Started>& started() {
  static std::optional<Started> state;
  return state;
}

std::string unique_prefix() { return "tandem-" + std::to_string(getpid()); }

unsigned first_cpu(const cpu_set_t& cpus) {
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &cpus)) return cpu;
  return 0;
}

// Only a directory of our own name: EAL makes one even with --no-shconf and never removes it.
void remove_runtime_directory(const std::string& prefix) {
  const char* const path = rte_eal_get_runtime_dir();
  if (path == nullptr || !std::string_view{path}.ends_with("/" + prefix)) return;
  if (DIR* const directory = opendir(path)) {
    while (const dirent* const entry = readdir(directory)) unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
  }
  rmdir(path);
}

Result<> initialise(const EalRequest& request, bool hugepages) {
  const std::string prefix = unique_prefix();
  cpu_set_t affinity;
  CPU_ZERO(&affinity);
  pthread_getaffinity_np(pthread_self(), sizeof affinity, &affinity);
  std::vector<std::string> words = eal_arguments(request, hugepages, prefix, first_cpu(affinity));
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);  // EAL's getopt permutes the array and may look behind it

  route_driver_logs();
  forget_driver_lines();
  const int result = rte_eal_init(static_cast<int>(words.size()), pointers.data());
  const int error = rte_errno;
  pthread_setaffinity_np(pthread_self(), sizeof affinity, &affinity);
  remove_runtime_directory(prefix);
  if (result < 0) return fail(with_driver_lines(std::string{"DPDK does not start: "} + rte_strerror(error)));
  return {};
}

Result<EalState> again(const EalRequest& request) {
  const Started& first = *started();
  if (!request.pci_addresses.empty() && !first.pci) return fail("DPDK runs already, without PCI devices: they need a new process");
  rte_malloc_socket_stats stats{};
  const bool known = rte_malloc_get_socket_stats(0, &stats) == 0;
  if (!first.state.hugepages && known && stats.heap_freesz_bytes < request.memory_bytes)
    return fail("DPDK runs already and has " + std::to_string(stats.heap_freesz_bytes / kMib) + " MiB left of " +
                std::to_string(request.memory_bytes / kMib) + " needed: this needs a new process");
  return first.state;
}

}  // namespace

std::vector<std::string> eal_arguments(const EalRequest& request, bool hugepages, const std::string& prefix, unsigned cpu) {
  const std::string mib = std::to_string((request.memory_bytes + kMib - 1) / kMib);
  std::vector<std::string> words{"tandemd", "--file-prefix",  prefix,        "-l",       std::to_string(cpu), "-m",
                                 mib,       "--no-telemetry", "--log-level", "*:warning"};
  // DPDK 22.11 refuses --no-huge together with --in-memory: the former implies legacy memory, the latter forbids it.
  // One file for all pages of a kind: the far end of a virtio port is told of each file, and of eight at most.
  if (hugepages) words.insert(words.end(), {"--in-memory", "--single-file-segments"});
  else words.insert(words.end(), {"--no-huge", "--no-shconf"});
  if (request.pci_addresses.empty()) words.insert(words.end(), {"--no-pci", "--iova-mode=va"});
  for (const std::string& address : request.pci_addresses) words.insert(words.end(), {"-a", address});
  return words;
}

Result<EalState> start_eal(const EalRequest& request) {
  if (started()) return again(request);
  Started first;
  Result<bool> hugepages = choose_hugepages(request.hugepages, request.memory_bytes, free_hugepages().pages, first.state.note);
  if (!hugepages) return fail(hugepages.error());
  if (*hugepages && !hugepages_can_be_had(request.memory_bytes)) {
    if (request.hugepages == HugepageWish::on) return fail("hugepages are free but this process may not have them (a cgroup's limit?)");
    first.state.note = "4 KiB pages: the kernel refuses this process its free hugepages";
    *hugepages = false;
  }
  if (const Result<> result = initialise(request, *hugepages); !result) return fail(result.error());
  first.state.hugepages = *hugepages;
  first.pci = !request.pci_addresses.empty();
  started() = first;
  return first.state;
}

// Alarms ring on that thread.
void on_interrupt_thread(std::function<void()> job) {
  struct Errand {
    std::function<void()> job;
    std::promise<void> done;
  } errand{std::move(job), {}};
  const auto run = [](void* given) {
    auto& asked = *static_cast<Errand*>(given);
    asked.job();
    asked.done.set_value();
  };
  if (rte_eal_alarm_set(1, run, &errand) != 0) return run(&errand);
  errand.done.get_future().wait();
}

bool register_thread() { return rte_thread_register() == 0; }
void unregister_thread() { rte_thread_unregister(); }

std::vector<HeapUse> heap_use() {
  std::vector<HeapUse> out;
  for (unsigned i = 0; i < rte_socket_count(); ++i) {
    const int socket = rte_socket_id_by_idx(i);
    rte_malloc_socket_stats stats{};
    if (socket >= 0 && rte_malloc_get_socket_stats(socket, &stats) == 0)
      out.push_back({static_cast<unsigned>(socket), stats.heap_allocsz_bytes, stats.heap_freesz_bytes});
  }
  return out;
}

std::uint64_t cycles_per_second() { return rte_get_tsc_hz(); }

}  // namespace tandem
