// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fake_node.h"

#include "common/base/ensure.h"
#include "controlplane/config/load.h"

namespace tandem::fuzz {

namespace {

constexpr std::string_view kText = R"([node]
name = "lb-a"
[dataplane]
workers = 1
[[port]]
name = "outside"
device = "af_packet:eth1"
[[service]]
name = "web"
listen = "203.0.113.10:80/tcp"
forwarding = "nat"
check = { type = "http" }
[[service.backend]]
name = "web-1"
address = "10.20.0.11:80"
[[service.backend]]
name = "web-2"
address = "10.20.0.12:80"
weight = 2
)";

// Read once: a fuzzer makes a node for every input.
const config::Config& read_config() {
  static const config::ReadOutcome read = config::load(kText, "fuzz.toml", config::Machine{{0, 1}});
  ensure(read.config.has_value());
  return *read.config;
}

}  // namespace

FakeNode::FakeNode() : MadeUpNode{read_config()} {
  std::uint16_t slot = 0;
  for (BackendRow* row : board_.all()) row->slots = {BackendSlot{slot++}};
  events_.add(Severity::info, "start", "", "started");
  rates_.add(sample());
}

const std::string& FakeNode::config_text() const {
  static const std::string text{kText};
  return text;
}

Sample FakeNode::sample() {
  Sample sample;
  sample.at = now();
  sample.slots.resize(2);
  sample.workers.resize(1);
  sample.ports.resize(1);
  return sample;
}

api::Answer<api::Applied> FakeNode::apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string&,
                                          const std::string&) {
  const config::ReadOutcome read = config::load_beside(kText, text, file, config::Machine{{0, 1}});
  if (!read.config) return refuse(file + " has errors");
  return api::Applied{read.config->hash, confirm_seconds > 0 ? 2U : 1U, {}};
}

void FakeNode::scan(Found found, std::function<void(Result<>)> done) {
  FoundConnection one;
  one.record.protocol = Protocol::tcp;
  one.record.state = ConnState::established;
  one.record.client = Ipv4Address{Be32{0xc6336407}}, one.record.vip = Ipv4Address{Be32{0xcb00710a}};
  one.record.client_port = 40000, one.record.vip_port = 80;
  FoundConnection other = one;
  other.record.backend = BackendSlot{7};  // nobody's any more
  found({one, other}, [&](bool go_on) {
    if (go_on) found({}, [](bool) {});
  });
  done({});
}

bool FakeNode::run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) {
  if (backend == "web-2") return false;
  done(api::CheckRun{service, true, "200", 0.001, {"> GET /", "< 200"}});
  return true;
}

}  // namespace tandem::fuzz
