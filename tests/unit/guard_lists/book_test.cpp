// SPDX-License-Identifier: Apache-2.0
// The book of who may enter: kept, counted, ended, and made equal on two nodes.
#include "controlplane/guard/book.h"

#include <algorithm>
#include <fstream>
#include <random>

#include "controlplane/guard/line.h"
#include "tests/unit/guard_lists/said.h"

namespace tandem::guard {
namespace {

using namespace std::chrono_literals;

class Books : public testing::Test {
 protected:
  static void say(Book& book, std::vector<Entry> entries) { ASSERT_TRUE(book.say(entries)); }
  Book open(WallTime now = kNoon) {
    Result<Book> book = Book::open(folder_.file("guard.list"), now);
    EXPECT_TRUE(book) << (book ? "" : book.error().message);
    return book ? std::move(*book) : Book{};
  }
  std::string content() const {
    std::ifstream in{folder_.file("guard.list")};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  void write(const std::string& text) const { std::ofstream{folder_.file("guard.list")} << text; }

  Folder folder_;
};

std::vector<Entry> everything(const Book& book) {
  std::vector<Entry> out;
  for (const auto& [place, word] : book.words()) out.push_back({place, word});
  return out;
}

TEST_F(Books, WhatWasSaidSurvivesARestart) {
  {
    Book book = open();
    say(book, {said(deny("198.51.100.66/32"), "lb-a", 4h), said(allow("2001:db8::/32", "web"))});
    say(book, {taken_back(allow("2001:db8::/32", "web"))});
  }
  const Book again = open();
  const Word* word = again.find(deny("198.51.100.66/32"));
  ASSERT_NE(word, nullptr);
  EXPECT_EQ(word->author->user + " " + word->author->reason + " " + word->author->node, "alice crowdsec lb-a");
  EXPECT_TRUE(word->time == kNoon && word->ends == kNoon + 4h);
  EXPECT_EQ(again.find(allow("2001:db8::/32", "web")), nullptr);
  EXPECT_EQ(again.count(Verdict::deny), 1U);
  EXPECT_EQ(again.count(Verdict::allow), 0U);
}

TEST_F(Books, AnEntryThatEndedWhileTheNodeWasDownIsNotThere) {
  {
    Book book = open();
    say(book, {said(deny("198.51.100.66/32"), "lb-a", 1h)});
  }
  EXPECT_EQ(open(kNoon + 1h).count(Verdict::deny), 0U);
}

TEST_F(Books, ALineCutShortByACrashIsLeftOutAndTheRestStands) {
  {
    Book book = open();
    say(book, {said(deny("10.0.0.0/8")), said(deny("10.1.0.0/16"))});
  }
  write(content().substr(0, content().size() - 5));
  {
    Book book = open();
    EXPECT_EQ(book.count(Verdict::deny), 1U);
    say(book, {said(deny("10.2.0.0/16"))});
  }
  EXPECT_EQ(open().count(Verdict::deny), 2U) << "nothing was added behind half a line";
}

TEST_F(Books, ADamagedFileIsAnErrorAndNotAnEmptyList) {
  write("1\tlb-a\tdeny\t10.0.0.0/8\t-\tnoon\t0\talice\t\n");
  const Result<Book> book = Book::open(folder_.file("guard.list"), kNoon);
  ASSERT_FALSE(book);
  EXPECT_NE(book.error().message.find("move it away"), std::string::npos) << book.error().message;
}

TEST_F(Books, TheFileDoesNotGrowWithoutEndWhileEntriesComeAndGo) {
  Book book = open();
  for (int i = 0; i < 3000; ++i) {
    const Place place = deny("10.0." + std::to_string(i % 7) + ".0/24");
    say(book, {i % 2 == 0 ? said(place) : taken_back(place)});
  }
  EXPECT_LT(content().size(), 1100U * 80);
  EXPECT_EQ(open().words().size(), 7U);
}

TEST_F(Books, EntriesEndByThemselvesTheFirstFirst) {
  Book book;
  say(book, {said(deny("10.0.0.0/8"), "lb-a", 2h), said(deny("10.1.0.0/16"), "lb-a", 1h), said(deny("10.2.0.0/16"))});
  EXPECT_EQ(book.next_end(), kNoon + 1h);
  EXPECT_TRUE(book.expire(kNoon + 59min).empty());
  EXPECT_EQ(book.expire(kNoon + 1h), std::vector{deny("10.1.0.0/16")});
  EXPECT_EQ(book.expire(kNoon + 9h), std::vector{deny("10.0.0.0/8")});
  EXPECT_EQ(book.count(Verdict::deny), 1U);
}

TEST_F(Books, SaidAgainTheTimeBeginsAnew) {
  Book book;
  say(book, {said(deny("10.0.0.0/8"), "lb-a", 1h)});
  say(book, {said(deny("10.0.0.0/8"), "lb-a", 4h)});
  EXPECT_TRUE(book.expire(kNoon + 3h).empty());
  EXPECT_EQ(book.expire(kNoon + 4h).size(), 1U);
}

TEST_F(Books, TwoNodesThatHearEachOtherInAnyOrderHaveTheSameBook) {
  std::mt19937 chance{1};
  Book a, b;
  std::vector<Entry> from_a, from_b;
  for (int i = 0; i < 300; ++i) {
    const bool here = chance() % 2 == 0;
    const Place place = deny("10.0." + std::to_string(chance() % 5) + ".0/24");
    std::vector<Entry> one{chance() % 3 == 0 ? taken_back(place, here ? "a" : "b") : said(place, here ? "a" : "b")};
    ASSERT_TRUE((here ? a : b).say(one));
    (here ? from_a : from_b).push_back(one.front());
    if (chance() % 10 == 0) {
      ASSERT_TRUE(a.take(from_b, kNoon));
    }
  }
  std::ranges::shuffle(from_a, chance), std::ranges::shuffle(from_b, chance);
  for (const Entry& entry : from_a) ASSERT_TRUE(b.take({entry}, kNoon));
  for (const Entry& entry : from_b) ASSERT_TRUE(a.take({entry}, kNoon));
  EXPECT_EQ(a.sums(), b.sums());
  ASSERT_EQ(a.words().size(), b.words().size());
  for (const auto& [place, word] : a.words()) EXPECT_EQ(b.words().at(place).id, word.id);
}

TEST_F(Books, SumsDifferInTheBucketsThatDifferAndNoOther) {
  Book a, b;
  say(a, {said(deny("10.0.0.0/24")), said(deny("10.0.1.0/24"))});
  ASSERT_TRUE(b.take(everything(a), kNoon));
  EXPECT_EQ(a.sums(), b.sums());
  say(a, {taken_back(deny("10.0.1.0/24"))});
  std::size_t differing = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) differing += a.sums()[i] != b.sums()[i];
  EXPECT_EQ(differing, 1U);
  EXPECT_NE(a.sums()[Book::bucket_of(deny("10.0.1.0/24"))], b.sums()[Book::bucket_of(deny("10.0.1.0/24"))]);
}

TEST_F(Books, WhatThePeerTookBackDoesNotComeAgainFromANodeThatWasAway) {
  Book here, away;
  say(here, {said(deny("10.0.0.0/8"))});
  ASSERT_TRUE(away.take(everything(here), kNoon));
  say(here, {taken_back(deny("10.0.0.0/8"))});
  EXPECT_TRUE(here.take(everything(away), kNoon)->empty());
  EXPECT_EQ(away.take(everything(here), kNoon)->size(), 1U);
  EXPECT_EQ(away.count(Verdict::deny), 0U);
}

TEST_F(Books, AWordThatIsOverIsNoNews) {
  Book here, there;
  say(here, {said(deny("10.0.0.0/8"), "lb-a", 1h)});
  EXPECT_TRUE(there.take(everything(here), kNoon + 1h)->empty());
}

TEST_F(Books, WhatPeopleWriteCannotMakeTwoLinesOfOne) {
  Entry entry = said(deny("10.0.0.0/8"));
  entry.word.author = std::make_shared<const Author>(Author{plain_text("al\tice"), plain_text("one\ntwo\r"), "lb-a"});
  const std::string line = to_line(entry);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(read_line(line)->word.author->reason, "one two ");
}

TEST_F(Books, LinesThatAreNoneAreRefused) {
  const std::string good = to_line(said(deny("10.0.0.0/8"), "lb-a", 1h));
  ASSERT_TRUE(read_line(good));
  for (const auto& [from, to] : {std::pair{"deny", "drop"},
                                 {"10.0.0.0/8", "10.0.0.1/8"},
                                 {"10.0.0.0/8", "10.0.0.0"},
                                 {"\talice", ""},
                                 {"\talice", "\talice\tx"},
                                 {"0\tlb", "-1\tlb"}}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string_view{from}.size(), to);
    EXPECT_FALSE(read_line(bad)) << bad;
  }
}

TEST_F(Books, AHundredThousandAreSaidAndReadAgain) {
  std::vector<Entry> many;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    Entry entry = said(deny("10.0.0.0/8"));
    entry.place.prefix = {Ipv4Address{Be32{i * 2654435761U}}, 32};
    many.push_back(entry);
  }
  {
    Book book = open();
    say(book, many);
  }
  EXPECT_EQ(open().count(Verdict::deny), 100'000U);
}

}  // namespace
}  // namespace tandem::guard
