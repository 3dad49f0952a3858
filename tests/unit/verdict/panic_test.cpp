// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/panic.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tandem::verdict {
namespace {

// A letter a backend: u up, d newly down, o down and out, x taken away by the operator. Answer: k kept, else as they are.
std::string kept(const std::string& service, unsigned threshold = 50) {
  std::vector<Place> places;
  for (const char letter : service) places.push_back({letter != 'x', letter == 'd' || letter == 'o', letter == 'o'});
  const std::vector<bool> kept = kept_in_service(places, threshold);
  std::string out = service;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (kept[i]) out[i] = 'k';
  return out;
}

TEST(Panic, HalfOfTheBackendsMayLeaveAndNobodyMore) {
  EXPECT_EQ(kept("duuu"), "duuu");
  EXPECT_EQ(kept("oduu"), "oduu");
  EXPECT_EQ(kept("oodu"), "ooku");
  EXPECT_EQ(kept("oodd"), "ookk");
  EXPECT_EQ(kept("dddd"), "ddkk") << "all at once: no more than one after the other";
  EXPECT_EQ(kept("ddddd"), "ddkkk") << "two of five remaining would be below half";
}

TEST(Panic, BelowFourBackendsEveryOneLeaves) {
  EXPECT_EQ(kept("ddd"), "ddd");
  EXPECT_EQ(kept("d"), "d");
}

TEST(Panic, WithoutAThresholdEveryOneLeaves) { EXPECT_EQ(kept("dddd", 0), "dddd"); }

TEST(Panic, AThresholdOfAHundredLetsNobodyLeave) { EXPECT_EQ(kept("dddd", 100), "kkkk"); }

TEST(Panic, WhoRisesMakesRoomForOneThatWasKept) {
  EXPECT_EQ(kept("oodu"), "ooku");
  EXPECT_EQ(kept("uodu"), "uodu");
}

TEST(Panic, WhomTheOperatorTookAwayIsNoneOfThoseThatRemain) {
  EXPECT_EQ(kept("xduuu"), "xduuu");
  EXPECT_EQ(kept("xodd"
                 "u"),
            "xodk"
            "u")
      << "two of the four in play may leave";
  EXPECT_EQ(kept("xxxd"), "xxxk") << "the last one in play";
  EXPECT_EQ(kept("xooo"), "xooo") << "who is out already does not come back by it";
}

TEST(Panic, NeverMoreThanTheShareLeavesWhateverTheOrder) {
  for (unsigned threshold = 1; threshold <= 100; ++threshold)
    for (std::size_t backends = kFewestForPanic; backends <= 12; ++backends) {
      std::vector<Place> places(backends);
      for (std::size_t next = 0; next < backends; ++next) {
        places[(next * 5 + 3) % backends].down = true;  // some fall twice: nothing changes then
        const std::vector<bool> kept = kept_in_service(places, threshold);
        for (std::size_t i = 0; i < backends; ++i) places[i].out = places[i].down && !kept[i];
        const auto out = static_cast<std::size_t>(std::count_if(places.begin(), places.end(), [](const Place& p) { return p.out; }));
        EXPECT_GE((backends - out) * 100, backends * threshold) << backends << " backends, " << threshold << " %";
      }
    }
}

}  // namespace
}  // namespace tandem::verdict
