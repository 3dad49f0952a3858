// SPDX-License-Identifier: Apache-2.0
#include "dataplane/port_probe.h"

#include <time.h>

#include <algorithm>
#include <array>

#include "dataplane/io/mempool.h"

namespace tandem {

namespace {

constexpr unsigned kHellos = 4, kFlows = 256, kChunk = 64;  // a chunk finds room in a ring of injections
constexpr int kSilenceMs = 40;

void pause_ms(long milliseconds) {
  const timespec nap{0, milliseconds * 1'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, nullptr);
}

std::string joined(const std::vector<unsigned>& counts) {
  std::string all;
  for (const unsigned count : counts) all += (all.empty() ? "" : " + ") + std::to_string(count);
  return all;
}

}  // namespace

PortProbe::PortProbe(ProbeGround ground, const ProbeWish& wish, std::uint64_t secret)
    : ground_{std::move(ground)}, wish_{wish}, secret_{secret} {
  ground_.desk.begin(secret_);
}

ProbeReport PortProbe::run() {
  if (!find_way()) return report_;
  report_.by = by_;
  try_queues(), try_sizes(), try_checksums(), try_tags(), try_macs();
  return report_;
}

// By the port asked for, else by whichever brings a frame there: others first, which a cable or a switch may join to it.
bool PortProbe::find_way() {
  std::vector<PortId> candidates;
  for (std::size_t p = 0; p < ground_.ports.size() && !wish_.by; ++p)
    if (static_cast<PortId>(p) != wish_.port) candidates.push_back(static_cast<PortId>(p));
  candidates.push_back(wish_.by.value_or(wish_.port));
  for (const PortId candidate : candidates) {
    by_ = candidate;
    for (unsigned i = 0; i < kHellos; ++i) send(plain(i));
    if (!wait(kHellos).empty()) return true;
  }
  return false;
}

ProbePlan PortProbe::plain(std::uint32_t flow, Family family) const {
  const IpAddress target = wish_.vip && wish_.vip->family == family ? *wish_.vip : probe_target(family);
  return {.target_mac = ground_.ports[index(wish_.port)]->state().mac,
          .source_mac = ground_.ports[index(by_)]->state().mac,
          .source = probe_source(family, flow),
          .target = target,
          .source_port = static_cast<std::uint16_t>(20'000 + flow * 7)};
}

std::uint32_t PortProbe::send(ProbePlan plan, std::size_t segments) {
  plan.mark = {secret_, next_++};
  rte_mbuf* const mbuf = copy_frame_in(ground_.pool, probe_frame(plan), segments);
  if (mbuf != nullptr && !ground_.workers[index(ground_.ways[index(by_)].via)]->inject(mbuf, by_)) rte_pktmbuf_free(mbuf);
  return plan.mark.number;
}

void PortProbe::collect(Sights& seen) {
  for (const auto& worker : ground_.workers)
    for (ProbeSight sight; worker->probes().pop(sight);)
      if (sight.port == wish_.port && sight.number >= first_of_try_) seen.emplace(sight.number, sight);
}

// Until so many have come, or none for a while.
PortProbe::Sights PortProbe::wait(std::size_t for_so_many) {
  Sights seen;
  for (int silence = 0; silence < kSilenceMs && seen.size() < for_so_many; ++silence) {
    const std::size_t before = seen.size();
    pause_ms(1), collect(seen);
    if (seen.size() != before) silence = 0;
  }
  first_of_try_ = next_;
  return seen;
}

bool PortProbe::arrives(const ProbePlan& plan, std::size_t segments) {
  send(plan, segments);
  return !wait(1).empty();
}

void PortProbe::row(std::string what, std::string expected, std::string seen, bool right) {
  report_.rows.push_back({std::move(what), std::move(expected), std::move(seen), right});
}

// Both families; each flow's queue against what key and table say.
void PortProbe::try_queues() {
  const Port& port = *ground_.ports[index(wish_.port)];
  std::map<std::uint32_t, std::optional<unsigned>> sent;
  Sights seen;
  for (unsigned flow = 0; flow < kFlows; ++flow) {
    const ProbePlan plan = plain(flow, flow % 2 == 0 ? Family::ipv4 : Family::ipv6);
    const auto expected =
        port.rss() == nullptr ? std::nullopt : port.rss()->queue_of(plan.source, plan.source_port, plan.target, kDiscardPort);
    sent.emplace(send(plan), expected);
    if (flow % kChunk == kChunk - 1) seen.merge(wait(kChunk));
  }
  std::vector<unsigned> by_queue(port.state().rx_queues, 0);
  unsigned foretold = 0, right = 0;
  for (const auto& [number, sight] : seen) {
    if (sight.queue < by_queue.size()) ++by_queue[sight.queue];
    if (const auto expected = sent.at(number); expected) ++foretold, right += *expected == sight.queue;
  }
  const std::string lost = seen.size() == kFlows ? "" : ", " + std::to_string(kFlows - seen.size()) + " lost";
  row("queues", std::to_string(kFlows) + " flows, none lost", joined(by_queue) + lost, seen.size() == kFlows);
  if (foretold != 0)
    row("RSS table", "each flow where key and table say", std::to_string(right) + " of " + std::to_string(foretold), right == foretold);
}

void PortProbe::try_sizes() {
  const std::uint16_t mtu = std::min(ground_.ports[index(wish_.port)]->state().mtu_bytes, ground_.ports[index(by_)]->state().mtu_bytes);
  ProbePlan largest = plain(0);
  largest.ip_bytes = mtu;
  const auto said = [](bool arrived) { return arrived ? "whole" : "lost"; };
  const bool whole = arrives(largest), joined_again = arrives(largest, 3);
  row("MTU", std::to_string(mtu) + " bytes, whole", said(whole), whole);
  const std::string sender = by_ == wish_.port ? "chains on transmit" : "chains sent by " + ground_.ports[index(by_)]->state().name;
  row(sender, "three segments, whole", said(joined_again), joined_again);
}

// A device that checks may drop what is wrong, or say so; one that does not says nothing, and software drops it.
void PortProbe::try_checksums() {
  ProbePlan bad = plain(0);
  bad.bad_checksum = true;
  const auto word = [](const Sights& seen) -> std::string {
    if (seen.empty()) return "lost";
    constexpr std::array kWords{"unsaid", "good", "bad"};
    return kWords[static_cast<std::size_t>(seen.begin()->second.checksum)];
  };
  send(plain(0));
  const std::string of_good = word(wait(1));
  send(bad);
  const std::string of_bad = word(wait(1));
  row("IPv4 checksums on receive", "right: not bad; wrong: not good", of_good + "; " + of_bad,
      of_good != "lost" && of_good != "bad" && of_bad != "good");
}

void PortProbe::try_tags() {
  for (const std::uint16_t vlan : wish_.vlans) {
    ProbePlan plan = plain(0);
    plan.vlan = vlan;
    send(plan);
    const Sights seen = wait(1);
    const std::string how = seen.empty()                    ? "lost"
                            : seen.begin()->second.tagged   ? "tag in the frame"
                            : seen.begin()->second.stripped ? "tag beside the frame"
                                                            : "without its tag";
    row("VLAN " + std::to_string(vlan), "with its tag", how, how.starts_with("tag"));
  }
}

// Groups' MACs must come in. A stranger's may, where the device takes every frame; then software drops it.
void PortProbe::try_macs() {
  std::size_t came = 0;
  for (const MacAddress& mac : wish_.macs) {
    ProbePlan plan = plain(0);
    plan.target_mac = mac;
    came += arrives(plan);
  }
  if (!wish_.macs.empty())
    row("frames to groups", "all " + std::to_string(wish_.macs.size()) + " MACs", std::to_string(came), came == wish_.macs.size());
  ProbePlan stranger = plain(0);
  stranger.target_mac = MacAddress{{0x02, 0x54, 0x4e, 0x44, 0x4d, 0xff}};
  row("frames to strangers", "either", arrives(stranger) ? "come in, software drops them" : "kept out by the device or on the way", true);
}

}  // namespace tandem
