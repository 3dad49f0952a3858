// SPDX-License-Identifier: Apache-2.0
// Tells the stories of many seeds, and says what they met. Exit 1 with the seed's whole story when one does not hold.
//   sim --seeds 500 [--first 1] [--sabotage NAME]      with a fault planted it must find it, else exit 1
//   sim --seed 42                                      one story, told
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "tests/sim/story.h"

namespace {

using namespace tandem::sim;

int tell_one(std::uint64_t seed, const Sabotage& sabotage) {
  Story story{seed, sabotage};
  story.verbose = true;
  const auto wrong = story.tell();
  for (const std::string& line : story.log) fmt::print("{}\n", line);
  fmt::print("{}\n", wrong.value_or("it holds"));
  return wrong ? 1 : 0;
}

bool plant(Sabotage& sabotage, const std::string& name) {
  const std::map<std::string, bool Sabotage::*> faults{{"timers_before_packets", &Sabotage::timers_before_packets},
                                                       {"no_deadline", &Sabotage::no_deadline}};
  const auto found = faults.find(name);
  if (found == faults.end()) return false;
  sabotage.*found->second = true;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 200, first = 1, one = 0;
  Sabotage sabotage;
  std::string planted;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string word = argv[i], value = argv[i + 1];
    if (word == "--seeds") seeds = std::strtoull(value.c_str(), nullptr, 10);
    else if (word == "--first") first = std::strtoull(value.c_str(), nullptr, 10);
    else if (word == "--seed") one = std::strtoull(value.c_str(), nullptr, 10);
    else if (word == "--sabotage" && plant(sabotage, value)) planted = value;
    else return fmt::print(stderr, "unknown: {} {}\n", word, value), 2;
  }
  if (one != 0) return tell_one(one, sabotage);
  Met all;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    Story story{seed, sabotage};
    const auto wrong = story.tell();
    const Met& met = story.met();
    all.takeovers += met.takeovers > 0, all.splits += met.splits > 0, all.one_way_faults += met.one_way_faults > 0,
        all.heals += met.heals > 0;
    all.crashes += met.crashes > 0, all.freezes += met.freezes > 0, all.link_faults += met.link_faults > 0, all.stalls += met.stalls > 0;
    all.planned += met.planned > 0;
    if (!wrong) continue;
    if (!planted.empty()) return fmt::print("found {} with {} seeds: {}\n", planted, seed - first + 1, *wrong), 0;
    return tell_one(seed, sabotage);
  }
  fmt::print(
      "{} seeds hold; of them met: take-overs {}, splits {}, one-way faults {}, heals {}, crashes {}, freezes {}, link faults {}, "
      "stalled workers {}, planned failovers {}\n",
      seeds, all.takeovers, all.splits, all.one_way_faults, all.heals, all.crashes, all.freezes, all.link_faults, all.stalls, all.planned);
  if (!planted.empty()) return fmt::print("{} was planted and not found\n", planted), 1;
  return 0;
}
