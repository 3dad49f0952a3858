// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/telling.h"

#include <gtest/gtest.h>

#include <random>

namespace tandem::verdict {
namespace {

const std::vector<Told> kBackends{{"web", "web-1", Sight::up, Verdict::up, false},
                                  {"web", "web-2", Sight::failing, Verdict::unknown, false},
                                  {"web", "web-3", Sight::down, Verdict::down, true},
                                  {"mail", "mx", Sight::unknown, std::nullopt, false}};

TEST(Telling, IsReadAsItWasWritten) {
  for (const bool all : {false, true}) {
    const std::vector<std::string> parts = write({all, kBackends}, 1000);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(read_telling(parts.front()), (Telling{all, kBackends}));
  }
}

TEST(Telling, LooksAsTheManualShows) {
  EXPECT_EQ(write({true, kBackends}, 1000).front(), "all\nweb web-1uu web-2f? web-3dk\nmail mx?.");
  EXPECT_EQ(write({true, {}}, 1000).front(), "all");
}

TEST(Telling, InPartsSaysAllOnceAndLosesNothing) {
  for (std::size_t most = 20; most < 60; ++most) {
    std::vector<Told> read;
    bool first = true;
    for (const std::string& part : write({true, kBackends}, most)) {
      EXPECT_LE(part.size(), most);
      const std::optional<Telling> telling = read_telling(part);
      ASSERT_TRUE(telling) << part;
      EXPECT_EQ(telling->all, first);
      first = false;
      read.insert(read.end(), telling->backends.begin(), telling->backends.end());
    }
    EXPECT_EQ(read, kBackends);
  }
}

TEST(Telling, WhatIsNoTellingIsRefusedAsAWhole) {
  for (const char* text : {"", "al", "none", "all\nweb", "all\nweb ", "all\nweb web-1", "all\nweb web-1xu", "all\nweb web-1ux",
                           "all\nweb uu", "all\n web-1uu", "all\nweb  web-1uu", "all\n\nweb web-1uu", "some\nweb web-1uu\n\n"})
    EXPECT_FALSE(read_telling(text)) << text;
  EXPECT_FALSE(read_telling("all\n" + std::string(kLongestName + 1, 's') + " buu"));
  EXPECT_FALSE(read_telling("all\nweb " + std::string(kLongestName + 1, 'b') + "uu"));
}

// Whatever comes instead of a telling is refused, or says again what was read of it.
TEST(Telling, SurvivesBytesThatAreChangedCutAndDoubled) {
  std::mt19937 chance{1};
  const std::string whole = write({true, kBackends}, 1000).front();
  const std::string_view letters = "all some\n?ufdk. web-1\xff";
  for (int round = 0; round < 100'000; ++round) {
    std::string text = whole;
    for (unsigned changes = chance() % 4 + 1; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = chance() % text.size();
      const unsigned how = chance() % 4;
      if (how == 0) text[at] = letters[chance() % letters.size()];
      if (how == 1) text.erase(at, chance() % 5);
      if (how == 2) text.insert(at, text.substr(chance() % text.size(), chance() % 9));
      if (how == 3) text.resize(at);
    }
    const std::optional<Telling> read = read_telling(text);
    if (!read) continue;
    const std::vector<std::string> again = write(*read, 10'000);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(read_telling(again.front()), read) << text;
  }
}

TEST(Telling, IsBounded) {
  std::string text = "all\nweb";
  for (std::size_t i = 0; i <= kMostTold; ++i) text += " buu";
  EXPECT_FALSE(read_telling(text));
}

}  // namespace
}  // namespace tandem::verdict
