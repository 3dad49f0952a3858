// SPDX-License-Identifier: Apache-2.0
// Tells the stories of many seeds, and says what they met. Exit 1 with the seed's whole story when one does not hold, or when the
// seeds met too little to mean anything.
//   sim --seeds 500 [--first 1]
//   sim --seeds 2000 --find SIM    this build has a fault planted, and SIM has none: exit 1 when no seed finds it that SIM holds
//   sim --seed 42 [--client 158]   one story, told; and what the nodes know of one client, whenever that changes
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "tests/sim/story.h"

namespace {

using namespace tandem::sim;

constexpr std::uint64_t kEnough = 100;  // so many must have met each thing in a twentieth of them

struct Wish {
  std::uint64_t seeds = 200, first = 1, one = 0, client = kClients;
  std::string sound;  // the program without the fault
};

bool read(int argc, char** argv, Wish& wish) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--find") {
      if (++i == argc) return false;
      wish.sound = argv[i];
      continue;
    }
    std::uint64_t* const number = word == "--seeds"    ? &wish.seeds
                                  : word == "--first"  ? &wish.first
                                  : word == "--seed"   ? &wish.one
                                  : word == "--client" ? &wish.client
                                                       : nullptr;
    if (number == nullptr || ++i == argc) return false;
    *number = std::strtoull(argv[i], nullptr, 10);
  }
  return true;
}

int tell_one(std::uint64_t seed, std::uint64_t client = kClients) {
  Story story{seed};
  story.verbose = true, story.client = client;
  const auto wrong = story.tell();
  for (const std::string& line : story.log) fmt::print("{}\n", line);
  fmt::print("{}\n", wrong.value_or("it holds"));
  return wrong ? 1 : 0;
}

// What the sound program does not hold either shows no fault.
bool holds_in(const std::string& sound, std::uint64_t seed) {
  return std::system(fmt::format("'{}' --seed {} > /dev/null", sound, seed).c_str()) == 0;
}

// How many seeds met each thing at least once.
class Tally {
 public:
  void add(const Met& met) {
    const std::array values{met.takeovers,   met.splits, met.one_way_faults, met.heals,     met.crashes, met.freezes,
                            met.link_faults, met.stalls, met.planned,        met.adoptions, met.contests};
    for (std::size_t i = 0; i < values.size(); ++i) counts_[i] += values[i] > 0;
    ++seeds_;
  }
  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < counts_.size(); ++i) out += fmt::format("{}{} {}", i == 0 ? "" : ", ", kNames[i], counts_[i]);
    return out;
  }
  bool enough() const {
    return std::all_of(counts_.begin(), counts_.end(), [&](std::uint64_t count) { return count * 20 >= seeds_; });
  }

 private:
  static constexpr std::array<const char*, 11> kNames{"take-overs",        "splits",    "one-way faults",       "heals",
                                                      "crashes",           "freezes",   "link faults",          "stalled workers",
                                                      "planned failovers", "adoptions", "contested connections"};
  std::array<std::uint64_t, 11> counts_{};
  std::uint64_t seeds_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Wish wish;
  if (!read(argc, argv, wish)) return fmt::print(stderr, "usage: sim [--seeds N] [--first N] [--find SIM] | --seed N [--client N]\n"), 2;
  if (wish.one != 0) return tell_one(wish.one, wish.client);
  Tally tally;
  for (std::uint64_t seed = wish.first; seed < wish.first + wish.seeds; ++seed) {
    Story story{seed};
    const auto wrong = story.tell();
    tally.add(story.met());
    if (wrong && !wish.sound.empty() && !holds_in(wish.sound, seed)) continue;
    if (wrong && !wish.sound.empty()) return fmt::print("found after {} seeds: {}\n", seed - wish.first + 1, *wrong), 0;
    if (wrong) return tell_one(seed);
  }
  fmt::print("{} seeds hold; of them met: {}\n", wish.seeds, tally.text());
  if (!wish.sound.empty()) return fmt::print("the planted fault was not found\n"), 1;
  return tally.enough() || wish.seeds < kEnough ? 0 : (fmt::print("too few met some of it: the seeds show nothing there\n"), 1);
}
