// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/port_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace tandem {
namespace {

constexpr OwnerSlot kSlot{7};

class PortBooks : public ::testing::Test {
 protected:
  PortBook book;

  static ConnPlace place(std::uint32_t number, Family family = Family::ipv4) { return {family, ConnHandle{number}}; }
  std::uint16_t take(std::uint32_t number, PortHalf half = PortHalf::first) {
    return book.take(Protocol::tcp, kSlot, half, place(number)).value_or(0);
  }
};

TEST_F(PortBooks, APortSaysWhoseItIs) {
  std::set<std::uint16_t> ports;
  for (std::uint32_t number = 0; number < PortBook::kPortsPerHalf; ++number) {
    const std::uint16_t port = take(number);
    EXPECT_EQ(owner_slot_of_port(port), kSlot);
    EXPECT_GE(port, 1024);
    EXPECT_LT(port, 33280) << "the other half is the other node's";
    EXPECT_EQ(book.find(Protocol::tcp, port), place(number));
    EXPECT_TRUE(ports.insert(port).second);
  }
  EXPECT_EQ(take(999), 0) << "all are taken";
  EXPECT_EQ(book.taken(Protocol::tcp, kSlot, PortHalf::first), PortBook::kPortsPerHalf);
  EXPECT_EQ(book.taken(Protocol::tcp, kSlot, PortHalf::second), 0U);
  EXPECT_EQ(take(1000, PortHalf::second), 33280 + index(kSlot)) << "of the other half none was";
}

TEST_F(PortBooks, ProtocolsHaveTheirOwn) {
  const std::uint16_t port = take(1);
  EXPECT_EQ(book.find(Protocol::udp, port), std::nullopt);
  EXPECT_TRUE(book.claim(Protocol::udp, port, place(2, Family::ipv6)));
  EXPECT_EQ(book.find(Protocol::udp, port), place(2, Family::ipv6));
  EXPECT_EQ(book.find(Protocol::tcp, port), place(1));
}

TEST_F(PortBooks, APortRestsAsLongAsThereAreOthers) {
  const std::uint16_t first = take(1);
  book.release(Protocol::tcp, first);
  for (unsigned others = 1; others < PortBook::kPortsPerHalf; ++others) EXPECT_NE(take(others), first);
  EXPECT_EQ(take(500), first);
}

TEST_F(PortBooks, WhatThePeerTookIsClaimedOnce) {
  EXPECT_TRUE(book.claim(Protocol::tcp, 33280, place(1)));
  EXPECT_FALSE(book.claim(Protocol::tcp, 33280, place(2)));
  EXPECT_FALSE(book.claim(Protocol::tcp, 1023, place(3))) << "no port of a pool";
  EXPECT_TRUE(book.claim(Protocol::tcp, 65535, place(4, Family::ipv6)));
  EXPECT_EQ(book.find(Protocol::tcp, 33280), place(1));
  EXPECT_EQ(book.find(Protocol::tcp, 65535), place(4, Family::ipv6));
}

// Against a plain set: what is taken is never given, what is free is found.
TEST_F(PortBooks, AreRightWhateverIsTakenAndGivenBack) {
  std::mt19937 random{5};
  std::set<std::uint16_t> taken;
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    const auto half = static_cast<PortHalf>(random() % 2);
    if (random() % 5 < 3) {
      const std::uint16_t port = take(step, half);
      if (port != 0) ASSERT_TRUE(taken.insert(port).second) << port;
      else
        ASSERT_EQ(std::ranges::count_if(taken, [&](unsigned p) { return (p >= 33280) == (half == PortHalf::second); }),
                  PortBook::kPortsPerHalf);
    } else if (!taken.empty()) {
      const auto it = std::next(taken.begin(), static_cast<std::ptrdiff_t>(random() % taken.size()));
      book.release(Protocol::tcp, *it);
      taken.erase(it);
    }
    ASSERT_EQ(book.taken(Protocol::tcp), taken.size());
  }
}

TEST(PortBook, AWalkOverAHalfBeginsWithWhoTookHisLongestAgoAndMeetsEveryPortOnce) {
  PortBook book;
  for (const PortHalf half : {PortHalf::first, PortHalf::second}) {
    for (std::uint32_t i = 0; i < PortBook::kPortsPerHalf; ++i)
      ASSERT_TRUE(book.take(Protocol::tcp, kSlot, half, {Family::ipv4, ConnHandle{i}}));
    unsigned high = book.oldest(Protocol::tcp, kSlot, half);
    for (std::uint32_t i = 0; i < PortBook::kPortsPerHalf; ++i, high = PortBook::next(high, half))
      EXPECT_EQ(book.at(Protocol::tcp, kSlot, high)->handle, ConnHandle{i});
    EXPECT_EQ(high, book.oldest(Protocol::tcp, kSlot, half)) << "round";
  }
}

}  // namespace
}  // namespace tandem
