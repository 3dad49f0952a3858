// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/start.h"

#include <rte_eal.h>
#include <rte_mbuf.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "common/base/ensure.h"
#include "tests/bench/samples.h"

namespace tandem::bench {

RunOptions read_run_options(const std::string& program, int argc, char** argv) {
  RunOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string word{argv[i]};
    if (word == "quick") options.quick = true;
    else if (word == "--json" && i + 1 < argc) options.json = argv[++i];
    else std::exit((std::fprintf(stderr, "usage: %s [quick] [--json FILE]\n", program.c_str()), 2));
  }
  return options;
}

rte_mempool* start_dpdk(const std::string& program, bool hugepages) {
  std::vector<std::string> words{program, "--no-telemetry", "--no-pci", "-l", std::to_string(kFirstCore), "--log-level=error"};
  if (hugepages) words.emplace_back("--in-memory");
  else words.insert(words.end(), {"--no-huge", "--no-shconf", "-m", "2048"});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  ensure(rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0);
  rte_mempool* pool = rte_pktmbuf_pool_create("bench", 8191, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  ensure(pool != nullptr);
  return pool;
}

double tsc_rate() {
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t start = cycles_now();
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  const std::uint64_t cycles = cycles_now() - start;
  return static_cast<double>(cycles) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int finish(const Report& report, const std::string& json, rte_mempool* pool) {
  report.print();
  if (!json.empty()) report.write_json(json);
  rte_mempool_free(pool);
  return 0;
}

}  // namespace tandem::bench
