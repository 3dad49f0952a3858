// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/story.h"

#include <fmt/format.h>

namespace tandem::sim {
namespace {

constexpr auto kStep = 2ms, kTick = 10ms, kSpeak = 10ms;
constexpr double kEventsASecond = 0.9;
constexpr auto kTrouble = 40s;
// As long as the longest hold-down that such trouble can earn, and a move back.
constexpr auto kQuiet = 170s, kHome = 3s, kRest = 2s;

}  // namespace

Story::Story(std::uint64_t seed) : seed_{seed}, engine_{seed} {
  const auto post = [this](std::size_t from) {
    return [this, from](std::size_t path, std::vector<std::uint8_t> bytes) { wires_.send(from, path, std::move(bytes), now_); };
  };
  for (std::size_t n = 0; n < 2; ++n) nodes_[n] = std::make_unique<SimNode>(n, post(n));
  take_temper();
}

void Story::say(const std::string& what) {
  if (verbose) log.push_back(fmt::format("{:9.3f}  {}", std::chrono::duration<double>(now_ - Instant{1h}).count(), what));
}

std::string Story::when(const std::string& what) const {
  return fmt::format("seed {} at {:.3f} s: {}", seed_, std::chrono::duration<double>(now_ - Instant{1h}).count(), what);
}

void Story::watch_client() {
  for (std::size_t n = 0; n < 2 && verbose && client < kClients; ++n) {
    const std::string known = clients_.known_at(n, static_cast<std::uint16_t>(client));
    if (known != of_client_[n]) say(fmt::format("client {}, node {}: {}", client, n, known));
    of_client_[n] = known;
  }
}

// One step of time.
std::optional<std::string> Story::live() {
  wires_.deliver(now_, [this](Wires::Letter& letter) { nodes_[letter.to]->arrive(letter.path, std::move(letter.bytes), now_); });
  if (is_due(kTick))
    for (auto& node : nodes_) node->tick(now_);
  std::optional<std::string> wrong = watcher_.look(now_);
  if (!wrong && is_due(kSpeak)) wrong = clients_.act(now_, watcher_.both_heard_for(now_));
  watch_client();
  if (wrong) return when(*wrong);
  now_ = now_ + kStep;
  return std::nullopt;
}

std::optional<std::string> Story::trouble() {
  boot(0);
  if (chance(0.8)) boot(1);
  for (const Instant end = now_ + kTrouble; now_ < end;) {
    if (chance(kEventsASecond * std::chrono::duration<double>(kStep).count())) happen(next_event());
    if (auto wrong = live()) return wrong;
  }
  return std::nullopt;
}

// Until all has been where it belongs for a while.
std::optional<std::string> Story::calm_down() {
  heal();
  for (std::size_t n = 0; n < 2; ++n)
    if (!nodes_[n]->alive()) boot(n);
  for (const Instant end = now_ + kQuiet; now_ < end && watcher_.home_for(now_) < kHome;)
    if (auto wrong = live()) return wrong;
  const std::optional<std::string> wrong = watcher_.find_homeless();
  return wrong ? std::optional{when(*wrong)} : std::nullopt;
}

// Clients fall silent, so that both tables can become equal.
std::optional<std::string> Story::compare() {
  clients_.settle();
  std::optional<std::string> differ = clients_.compare_tables();
  for (const Instant end = now_ + kRest; now_ < end && differ; differ = clients_.compare_tables())
    if (auto wrong = live()) return wrong;
  return differ ? std::optional{when(*differ)} : std::nullopt;
}

std::optional<std::string> Story::tell() {
  std::optional<std::string> wrong = trouble();
  if (!wrong) wrong = calm_down();
  if (!wrong) wrong = compare();
  met_.takeovers = watcher_.takeovers(), met_.adoptions = clients_.adopted(), met_.contests = clients_.contested();
  return wrong;
}

}  // namespace tandem::sim
