// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_cases.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "tests/bench/pipeline_stages.h"

namespace tandem::bench {
namespace {

constexpr Family v4 = Family::ipv4, v6 = Family::ipv6;
constexpr Direction back = Direction::from_backend;
constexpr ServiceKind nat4{v4, ForwardingMethod::nat, v4}, nat6{v6, ForwardingMethod::nat, v6};
constexpr ServiceKind dsr4{v4, ForwardingMethod::l2_dsr, v4}, dsr6{v6, ForwardingMethod::l2_dsr, v6};
constexpr ServiceKind full(Family client, Family server) { return {client, ForwardingMethod::full_nat, server}; }
constexpr ServiceKind ipip(Family client, Family server) { return {client, ForwardingMethod::ipip, server}; }
constexpr ServiceKind gue(Family client, Family server) { return {client, ForwardingMethod::gue, server, TunnelKind::gue_direct}; }

const Case kNat4{"nat ipv4", {nat4}}, kNatReplies4{"nat ipv4 replies", {nat4, back}};
const Case kNat6{"nat ipv6", {nat6}}, kNatReplies6{"nat ipv6 replies", {nat6, back}};

const Case kPlain[] = {kNat4,
                       {"nat ipv4 to a group", {nat4, Direction::from_client, true}},
                       kNatReplies4,
                       {"l2-dsr ipv4", {dsr4}},
                       kNat6,
                       kNatReplies6,
                       {"l2-dsr ipv6", {dsr6}}};

// Everything is held against what nat does for the same client.
const Comparison kComparisons[] = {
    {{"full-nat ipv4", {full(v4, v4)}}, kNat4},
    {{"full-nat ipv4 replies", {full(v4, v4), back}}, kNatReplies4},
    {{"full-nat ipv4 to ipv6", {full(v4, v6)}}, kNat4},
    {{"full-nat ipv4 to ipv6 replies", {full(v4, v6), back}}, kNatReplies4},
    {{"full-nat ipv6", {full(v6, v6)}}, kNat6},
    {{"full-nat ipv6 replies", {full(v6, v6), back}}, kNatReplies6},
    {{"full-nat ipv6 to ipv4", {full(v6, v4)}}, kNat6},
    {{"full-nat ipv6 to ipv4 replies", {full(v6, v4), back}}, kNatReplies6},
    {{"ipip ipv4 in ipv4", {ipip(v4, v4)}}, kNat4},
    {{"ipip ipv4 in ipv6", {ipip(v4, v6)}}, kNat4},
    {{"ipip ipv6 in ipv6", {ipip(v6, v6)}}, kNat6},
    {{"ipip ipv6 in ipv4", {ipip(v6, v4)}}, kNat6},
    {{"gue ipv4 in ipv4", {gue(v4, v4)}}, kNat4},
    {{"gue ipv4 in ipv6", {gue(v4, v6)}}, kNat4},
    {{"gue ipv6 in ipv6", {gue(v6, v6)}}, kNat6},
    {{"gue ipv6 in ipv4", {gue(v6, v4)}}, kNat6},
    {{"nat ipv6 beside ipv4", {nat6}}, kNat4},
    {{"nat ipv6 replies beside ipv4", {nat6, back}}, kNatReplies4},
    {{"l2-dsr ipv6 beside ipv4", {dsr6}}, {"l2-dsr ipv4", {dsr4}}},
};

}  // namespace

std::span<const Case> plain_cases() { return kPlain; }
std::span<const Comparison> comparisons() { return kComparisons; }

const Case* find_case(const std::string& name) {
  const auto plain = std::ranges::find(kPlain, name, &Case::name);
  if (plain != std::end(kPlain)) return plain;
  const auto compared = std::ranges::find(kComparisons, name, [](const Comparison& both) { return both.subject.name; });
  return compared == std::end(kComparisons) ? nullptr : &compared->subject;
}

void measure(PipelineWorld& world, const Trial& trial, const Case& one) {
  Steady steady{world, trial.pool, one.pattern, FlowChoice::uniform(trial.live)};
  ChunkColumns columns;
  for (std::size_t round = 0; round < trial.rounds; ++round)
    if (const Chunk chunk = steady.chunk(); is_warm(round, trial.rounds)) columns.add(chunk);
  ensure(steady.sent() == trial.rounds * kBursts * kBurst && world.counters().lookups_miss.get() == 0);
  Row row{one.name, trial.size};
  columns.write(row);
  trial.report.add(row);
}

void measure_stages(PipelineWorld& world, const Trial& trial, const Case& one) {
  Steady steady{world, trial.pool, one.pattern, FlowChoice::uniform(trial.live)};
  Stages stages;
  for (std::size_t burst = 0; burst < trial.rounds / 4 * kBursts; ++burst) stages.run(world, steady.make(), port_of(one.pattern));
  Row row{std::string{one.name} + ", stages", trial.size};
  stages.write(row);
  trial.report.add(row);
}

void compare(PipelineWorld& world, const Trial& trial, const Comparison& both) {
  Steady subject{world, trial.pool, both.subject.pattern, FlowChoice::uniform(trial.live)};
  Steady reference{world, trial.pool, both.reference.pattern, FlowChoice::uniform(trial.live)};
  ChunkColumns columns;
  for (std::size_t round = 0; round < trial.rounds; ++round) {
    const Chunk one = subject.chunk(), other = reference.chunk();
    if (is_warm(round, trial.rounds)) columns.add(one, other);
  }
  const std::uint64_t expected = trial.rounds * kBursts * kBurst;
  ensure(subject.sent() == expected && reference.sent() == expected && world.counters().lookups_miss.get() == 0);
  Row row{both.subject.name, trial.size};
  columns.write(row, both.reference.name);
  trial.report.add(row);
}

}  // namespace tandem::bench
