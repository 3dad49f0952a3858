// SPDX-License-Identifier: Apache-2.0
// Two nodes' words over a wire that loses, doubles and delays: each arrives once, in order, and none of another's life.
#include "controlplane/sync/words.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <queue>
#include <random>

namespace tandem::sync {
namespace {

using namespace std::chrono_literals;

struct WordsTest : ::testing::Test {
  struct Letter {
    Instant arrives;
    Type type{};
    std::vector<std::uint8_t> payload;
    bool operator<(const Letter& other) const { return arrives > other.arrives; }
  };
  struct Node {
    std::uint64_t boot = 0;
    std::unique_ptr<Words> words;
    std::priority_queue<Letter> inbox;
    std::vector<std::pair<Word, std::string>> heard;
    std::size_t told_anew = 0, sent = 0;
    bool deaf = false;  // takes no pieces, as while its control loop has no room
  };
  std::array<Node, 2> nodes;
  std::mt19937_64 engine{1};
  double loss = 0, doubling = 0, lateness = 0;
  bool cut = false;
  Instant now{1h};

  WordsTest() { start(0, 100), start(1, 200); }
  Words& a() { return *nodes[0].words; }
  Words& b() { return *nodes[1].words; }
  void start(std::size_t n, std::uint64_t boot) { nodes[n].boot = boot, nodes[n].words = std::make_unique<Words>(boot); }
  bool chance(double share) { return std::uniform_real_distribution<>{}(engine) < share; }

  void step() {
    for (std::size_t n = 0; n < 2; ++n) {
      Node& node = nodes[n];
      node.words->pump(
          cut ? std::nullopt : std::optional{nodes[1 - n].boot}, [&](const Label& label, Bytes payload) { return send(n, label, payload); },
          now);
      node.told_anew += node.words->take_new() ? 1 : 0;
      for (; !node.inbox.empty() && node.inbox.top().arrives <= now; node.inbox.pop()) open(node, node.inbox.top());
    }
    now = now + 1ms;
  }
  void open(Node& node, Letter letter) {
    if (node.deaf && letter.type == Type::word) return;
    Opened opened;
    opened.type = letter.type, opened.payload = letter.payload;
    node.words->hear(opened, [&](Word kind, std::string text) { node.heard.emplace_back(kind, std::move(text)); });
  }
  std::uint64_t send(std::size_t from, const Label& label, Bytes payload) {
    ++nodes[from].sent;
    if (cut || chance(loss)) return 1;
    const auto delay = 200us + (chance(lateness) ? std::chrono::milliseconds{engine() % 20} : 0ms);
    const Letter letter{now + delay, label.type, {payload.begin(), payload.end()}};
    nodes[1 - from].inbox.push(letter);
    if (chance(doubling)) nodes[1 - from].inbox.push(letter);
    return 1;
  }
  void run(std::chrono::milliseconds time) {
    for (const Instant end = now + time; now < end;) step();
  }
  std::vector<std::string> texts(std::size_t n) const {
    std::vector<std::string> out;
    for (const auto& [kind, text] : nodes[n].heard) out.push_back(text);
    return out;
  }
};

TEST_F(WordsTest, AWordArrivesWithItsKind) {
  run(5ms);
  EXPECT_TRUE(a().say(Word::request, "drain web/web-1"));
  EXPECT_TRUE(a().say(Word::health, ""));
  run(10ms);
  const std::vector<std::pair<Word, std::string>> expected{{Word::request, "drain web/web-1"}, {Word::health, ""}};
  EXPECT_EQ(nodes[1].heard, expected);
  EXPECT_TRUE(a().sender().idle());
}

TEST_F(WordsTest, EachArrivesOnceAndInOrderOverAWireThatLosesDoublesAndDelays) {
  run(5ms);
  loss = 0.3, doubling = 0.2, lateness = 0.3;
  std::vector<std::string> there, back;
  for (int i = 0; i < 300; ++i) {
    there.push_back(std::to_string(i) + std::string(engine() % 5000, 'x')), back.push_back("back " + std::to_string(i));
    ASSERT_TRUE(a().say(Word::request, there.back()) && b().say(Word::answer, back.back()));
    if (i % 3 == 0) step();
  }
  run(20s);
  EXPECT_EQ(texts(1), there);
  EXPECT_EQ(texts(0), back);
  EXPECT_GT(a().sender().resent(), 100U);
}

TEST_F(WordsTest, TheLongestArrivesWholeAndALongerOneIsRefused) {
  run(5ms);
  std::string longest(WordReceiver::kLongest, '.');
  for (char& letter : longest) letter = static_cast<char>(engine());
  ASSERT_TRUE(a().say(Word::request, longest));
  EXPECT_FALSE(a().say(Word::request, longest + "."));
  run(500ms);
  EXPECT_EQ(texts(1), std::vector{longest});
  EXPECT_EQ(nodes[0].told_anew, 1U) << "what is too long would be so again: nobody asks for it";
}

TEST_F(WordsTest, WhatIsSaidWhileThePathIsSilentArrivesAfterwards) {
  run(5ms);
  cut = true;
  ASSERT_TRUE(a().say(Word::request, "said to nobody"));
  const std::size_t before = nodes[0].sent;
  run(5s);
  EXPECT_EQ(nodes[0].sent, before) << "nothing is sent to who is not heard";
  EXPECT_TRUE(texts(1).empty());
  cut = false;
  run(20ms);
  EXPECT_EQ(texts(1), std::vector<std::string>{"said to nobody"});
  EXPECT_EQ(nodes[0].told_anew, 1U) << "the peer forgot nothing";
}

TEST_F(WordsTest, APeerThatStartedAnewHearsNothingOfTheLifeBeforeAndIsToldEverything) {
  run(5ms);
  cut = true;
  ASSERT_TRUE(a().say(Word::request, "for the life before"));
  start(1, 201);
  cut = false;
  run(20ms);
  EXPECT_TRUE(texts(1).empty());
  EXPECT_EQ(nodes[0].told_anew, 2U);
  ASSERT_TRUE(a().say(Word::request, "anew") && b().say(Word::request, "I am new"));
  run(20ms);
  EXPECT_EQ(texts(1), std::vector<std::string>{"anew"});
  EXPECT_EQ(texts(0), std::vector<std::string>{"I am new"});
}

TEST_F(WordsTest, AHalfHeardWordOfTheLifeBeforeIsForgotten) {
  run(5ms);
  ASSERT_TRUE(b().say(Word::request, std::string(200'000, 'o')));
  run(2ms);  // some pieces are there
  start(1, 201);
  run(5ms);
  ASSERT_TRUE(b().say(Word::request, "whole"));
  run(100ms);
  EXPECT_EQ(texts(0), std::vector<std::string>{"whole"});
}

TEST_F(WordsTest, LateLettersOfTheLifeBeforeAreNotTaken) {
  run(5ms);
  ASSERT_TRUE(b().say(Word::request, "before"));
  b().pump(
      100, [&](const Label& label, Bytes payload) { return send(1, label, payload); }, now);
  std::priority_queue<Letter> late = nodes[0].inbox;
  nodes[0].inbox = {};
  start(1, 201);
  run(20ms);
  for (; !late.empty(); late.pop()) nodes[0].inbox.push(late.top());
  run(50ms);
  EXPECT_TRUE(texts(0).empty());
}

TEST_F(WordsTest, AFloodFindsAnEndAndThePeerIsToldEverythingAgain) {
  run(5ms);
  cut = true;
  std::size_t taken = 0;
  while (a().say(Word::health, std::string(1000, 'h'))) ++taken;
  EXPECT_LE(a().sender().queued_bytes(), WordSender::kQueueBytes);
  EXPECT_EQ(taken, std::min(WordSender::kQueueWords, WordSender::kQueueBytes / 1000));
  EXPECT_EQ(nodes[0].told_anew, 1U);
  cut = false;
  run(5s);
  EXPECT_EQ(nodes[1].heard.size(), taken);
  EXPECT_EQ(nodes[0].told_anew, 2U);
}

TEST_F(WordsTest, NothingIsLostOnWhoHasNoRoom) {
  run(5ms);
  nodes[1].deaf = true;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(a().say(Word::health, std::to_string(i)));
  const std::size_t before = nodes[0].sent;
  run(10s);
  EXPECT_LT(nodes[0].sent - before, 32U * 20) << "said again ever more rarely";
  nodes[1].deaf = false;
  run(3s);
  EXPECT_EQ(nodes[1].heard.size(), 100U);
}

TEST_F(WordsTest, AKindOfALaterReleaseIsCountedAndPassedBy) {
  run(5ms);
  const std::uint64_t conversation = 100 ^ 200;
  std::vector<std::uint8_t> strange = encode(Piece{conversation, 1, 99, true, "?"}), known = encode(Piece{conversation, 2, 2, true, "!"});
  open(nodes[1], {now, Type::word, strange}), open(nodes[1], {now, Type::word, known});
  EXPECT_EQ(texts(1), std::vector<std::string>{"!"});
  EXPECT_EQ(b().counts().unknown, 1U);
}

TEST_F(WordsTest, AWordWithoutEndIsPassedByAndTheNextIsHeard) {
  run(5ms);
  const std::uint64_t conversation = 100 ^ 200, pieces = WordReceiver::kLongest / Piece::kTextBytes + 2;
  for (std::uint64_t i = 1; i <= pieces; ++i)
    open(nodes[1], {now, Type::word, encode(Piece{conversation, i, 1, i == pieces, std::string(Piece::kTextBytes, 'x')})});
  open(nodes[1], {now, Type::word, encode(Piece{conversation, pieces + 1, 1, true, "next"})});
  EXPECT_EQ(texts(1), std::vector<std::string>{"next"});
  EXPECT_EQ(b().receiver().too_long(), 1U);
}

TEST_F(WordsTest, PiecesFarAheadAndBrokenOnesAreNotKept) {
  run(5ms);
  const std::uint64_t conversation = 100 ^ 200;
  open(nodes[1], {now, Type::word, encode(Piece{conversation, 1'000'000, 1, true, "far"})});
  open(nodes[1], {now, Type::word, std::vector<std::uint8_t>(5)});
  open(nodes[1], {now, Type::word_ack, std::vector<std::uint8_t>(5)});
  run(10ms);
  EXPECT_TRUE(texts(1).empty());
  EXPECT_EQ(b().counts().broken, 2U);
}

}  // namespace
}  // namespace tandem::sync
