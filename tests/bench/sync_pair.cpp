// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync_pair.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/base/ensure.h"
#include "tests/bench/pair_keys.h"

namespace tandem::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kCapacity = 1'000'000;

pair::View view_of(std::size_t node) {
  const IpAddress addresses[] = {test::address("127.0.0.1"), test::address("127.0.0.2")};
  pair::View view;
  view.interval = 50ms;
  view.pair.node = node == 0 ? "lb-a" : "lb-b", view.pair.pair_hash = "same", view.pair.ha.start_delay = 200ms;
  view.pair.sync = config::Sync{addresses[node], addresses[1 - node], 18264, "key"};
  view.pair.groups = {{"web", node == 0, {}}};
  view.pair.lans.resize(1);  // where the peer is not
  view.pair.lans[0].name = "clients", view.pair.lans[0].up = true;
  return view;
}

}  // namespace

SyncPair::SyncPair(rte_mempool* pool, std::uint64_t connections, bool hugepages, double tsc_hz)
    : clients{pool}, ours_{clients, connections, hugepages, tsc_hz}, theirs_{onlooker, connections, hugepages, tsc_hz} {
  onlooker.watch(theirs_);
  ours_.start(), theirs_.start();
}

SyncPair::~SyncPair() {
  for (auto& thread : threads_) thread.reset();
  ours_.stop(), theirs_.stop();
}

void SyncPair::begin(std::size_t node) {
  pair::Identity self{.name = node == 0 ? "lb-a" : "lb-b",
                      .boot = ++boots_,
                      .capacity = kCapacity,
                      .keys = bench_keys(),
                      .chance = bench_chance(100 + boots_)};
  PairThread::Hooks nobody_cares{.tell = [](const pair::Notice&) {},
                                 .remember = [](const pair::Terms&) {},
                                 .heard = [](sync::Word, const std::string&) {},
                                 .peer_new = [] {}};
  auto thread = PairThread::start(control_, this->node(node), std::move(self), view_of(node), std::move(nobody_cares));
  ensure(thread.has_value());
  threads_[node] = std::move(*thread);
  threads_[node]->configure(view_of(node), true);
}

void SyncPair::pass(std::chrono::milliseconds time) {
  const auto end = WallClock::now() + time;
  while (WallClock::now() < end) control_.run_once(10ms);
}

bool SyncPair::wait(std::chrono::seconds most, const std::function<bool()>& until) {
  for (const auto end = WallClock::now() + most; WallClock::now() < end; control_.run_once(2ms))
    if (until()) return true;
  return false;
}

bool SyncPair::in_step() const {
  const api::Ha report = threads_[0]->report();
  return report.peer_up && report.peer_in_step && !report.sync.walking;
}

void use_all_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (unsigned core = 0; core < std::thread::hardware_concurrency(); ++core) CPU_SET(core, &cores);
  ensure(sched_setaffinity(0, sizeof cores, &cores) == 0);
}

void enter_own_network() {
  if (unshare(CLONE_NEWNET) != 0) return;
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ensure(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0);
  ::close(fd);
}

std::uint64_t loopback_bytes() {
  std::ifstream table{"/proc/thread-self/net/dev"};
  for (std::string word; table >> word;) {
    std::uint64_t bytes = 0;
    if (word == "lo:" && table >> bytes) return bytes;
  }
  return 0;
}

double pair_thread_seconds() {
  double seconds = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string name, word;
    std::ifstream{task.path() / "comm"} >> name;
    if (name != "pair") continue;
    std::ifstream times{task.path() / "schedstat"};
    double nanoseconds = 0;
    times >> nanoseconds;
    seconds += nanoseconds / 1e9;
  }
  return seconds;
}

}  // namespace tandem::bench
