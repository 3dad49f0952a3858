// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/memif_cables.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "common/base/ensure.h"

namespace tandem::bench {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr unsigned kFarIds = 8;  // a vdev's name comes from its port's id

std::string own_folder() {
  std::string name = "/tmp/tandem-bench-XXXXXX";
  ensure(mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

MemifCables::MemifCables(rte_mempool* pool) : folder_{own_folder()} {
  for (unsigned cable = 0; cable < kCables; ++cable) {
    const std::string device = "memif:" + folder_ + "/" + std::to_string(cable);
    ports_.push_back(open(cable, device, pool, near_, cable));
    ports_.push_back(open(kFarIds + cable, device + ",client", pool, far_, cable));
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (const auto& port : ports_) {
    while (!port->has_link()) {
      ensure(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }
}

MemifCables::~MemifCables() {
  ports_.clear();
  std::filesystem::remove_all(folder_);
}

std::unique_ptr<Port> MemifCables::open(unsigned id, const std::string& device, rte_mempool* pool, EthdevWire& wire, unsigned cable) {
  Port::Request request;
  request.id = static_cast<PortId>(id);
  request.options.name = "cable-" + std::to_string(id);
  request.options.device = device;
  request.device = parse_device(device).value();
  request.pool = pool;
  auto port = Port::open(request);
  ensure(port.has_value());
  wire.add(static_cast<PortId>(cable), **port);
  return std::move(*port);
}

}  // namespace tandem::bench
