// SPDX-License-Identifier: Apache-2.0
// The table against a std::unordered_map that holds the same connections, through long random stories.
#include <gtest/gtest.h>

#include <random>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tests/unit/conn/conn_fixture.h"

namespace tandem {
namespace {

// How a story's hashes are spoilt: all bits, few groups and tags, everything in one place.
enum class Width { full, narrow, one };

template <typename Entry>
class Story {
 public:
  Story(std::size_t capacity, Width width, std::uint32_t seed) : table_{test::make_table<Entry>(capacity)}, width_{width}, random_{seed} {}

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
      const unsigned what = pick(10);
      if (what < 4) insert();
      else if (what < 6) erase();
      else if (what < 7) change_state();
      else look_up();
      if (step % 5000 == 0) compare_all();
    }
    compare_all();
  }

  int bucket_full = 0, table_full = 0, reply_taken = 0, existed = 0, inserted = 0, overflowed = 0;

 private:
  using Name = std::uint64_t;  // client and VIP: names a client key
  struct Known {
    std::uint32_t client, vip, backend;
    ConnState state;
    ConnHandle handle;
  };

  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  static Name name(std::uint32_t client, std::uint32_t vip) { return std::uint64_t{client} << 8 | vip; }
  static Name reply_name(std::uint32_t client, std::uint32_t backend) { return std::uint64_t{client} << 8 | backend; }
  TableHash hash(const Entry& entry) const {
    const TableHash whole = test::hash_of(entry);
    if (width_ == Width::full) return whole;
    return width_ == Width::one ? 0x12345678 : whole & 0xe0000003;
  }
  std::uint32_t some_client() { return 1000 + pick(static_cast<unsigned>(table_.capacity())); }

  void insert() {
    const Known wanted{some_client(), pick(3), pick(4), pick(4) == 0 ? ConnState::half_open : ConnState::established, kNoConn};
    const Entry entry = test::entry_of<Entry>(wanted.client, wanted.vip, wanted.backend, wanted.state);
    const auto got = table_.insert(hash(entry), entry, ConnDetail{.created = wanted.client});
    const auto known = model_.find(name(wanted.client, wanted.vip));
    ASSERT_EQ(got.existed, known != model_.end());
    if (got.existed) {
      ++existed;
      ASSERT_EQ(table_.handle(*got.entry), known->second.handle);
      return;
    }
    const bool taken = replies_.contains(reply_name(wanted.client, wanted.backend));
    ASSERT_EQ(got.failure == InsertFailure::reply_key_taken, taken);
    if (taken) {
      ++reply_taken;
      return;
    }
    ASSERT_EQ(got.failure == InsertFailure::table_full, model_.size() >= table_.capacity());
    if (got.entry == nullptr) {
      if (got.failure == InsertFailure::table_full) ++table_full;
      if (got.failure == InsertFailure::bucket_full) ++bucket_full;
      if (got.failure == InsertFailure::half_open_quota) {
        ASSERT_EQ(half_open(), table_.half_open_quota());
      }
      return;
    }
    ++inserted;
    Known& kept = model_[name(wanted.client, wanted.vip)] = wanted;
    kept.handle = table_.handle(*got.entry);
    replies_.insert(reply_name(wanted.client, wanted.backend));
  }

  std::size_t half_open() const {
    return static_cast<std::size_t>(
        std::count_if(model_.begin(), model_.end(), [](const auto& known) { return known.second.state == ConnState::half_open; }));
  }

  Entry* find(const Known& known, Direction direction) {
    const Entry entry = test::entry_of<Entry>(known.client, known.vip, known.backend);
    return table_.find(hash(entry), direction == Direction::from_client ? entry.client_key() : entry.reply_key(), direction);
  }

  Known* some_known() {
    const auto known = model_.find(name(some_client(), pick(3)));
    return known == model_.end() ? nullptr : &known->second;
  }

  void erase() {
    const Known* known = some_known();
    if (known == nullptr) return;
    const Known gone = *known;
    table_.erase(*table_.at(gone.handle));
    model_.erase(name(gone.client, gone.vip));
    replies_.erase(reply_name(gone.client, gone.backend));
    ASSERT_EQ(find(gone, Direction::from_client), nullptr);
    ASSERT_EQ(table_.at(gone.handle), nullptr);
  }

  void change_state() {
    Known* known = some_known();
    if (known == nullptr) return;
    known->state = known->state == ConnState::established ? ConnState::fin_wait : ConnState::established;
    table_.change_state(*table_.at(known->handle), known->state);
  }

  void look_up() {
    const Known asked{some_client(), pick(3), pick(4), {}, kNoConn};
    const auto known = model_.find(name(asked.client, asked.vip));
    const Entry* found = find(asked, Direction::from_client);
    ASSERT_EQ(found != nullptr, known != model_.end());
    if (found != nullptr) {
      ASSERT_EQ(table_.handle(*found), known->second.handle);
    }
    ASSERT_EQ(find(asked, Direction::from_backend) != nullptr, replies_.contains(reply_name(asked.client, asked.backend)));
  }

  void compare_all() {
    ASSERT_EQ(table_.size(), model_.size());
    std::vector<TableHash> hashes;
    std::vector<typename Entry::Key> keys;
    std::vector<Direction> directions;
    std::vector<ConnHandle> expected;
    for (const auto& [_, known] : model_) {
      Entry* entry = find(known, Direction::from_client);
      ASSERT_NE(entry, nullptr);
      ASSERT_EQ(table_.handle(*entry), known.handle) << "an entry moved";
      ASSERT_EQ(entry, find(known, Direction::from_backend));
      ASSERT_EQ(entry->state, known.state);
      ASSERT_EQ(table_.detail(*entry).created, known.client) << "details of another";
      if (hashes.size() == ConnTable<Entry>::kBatch) continue;
      directions.push_back(hashes.size() % 2 == 0 ? Direction::from_client : Direction::from_backend);
      hashes.push_back(hash(*entry));
      keys.push_back(directions.back() == Direction::from_client ? entry->client_key() : entry->reply_key());
      expected.push_back(known.handle);
    }
    std::vector<Entry*> found(hashes.size());
    table_.find_batch(hashes, keys, directions, found);
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_NE(found[i], nullptr);
      ASSERT_EQ(table_.handle(*found[i]), expected[i]) << "a batch found another than one by one";
    }
    ASSERT_EQ(table_.count(ConnState::half_open), half_open());
  }

  ConnTable<Entry> table_;
  Width width_;
  std::mt19937 random_;
  std::unordered_map<Name, Known> model_;
  std::unordered_set<Name> replies_;
};

template <typename Entry>
class ConnTableModel : public testing::Test {};
using Families = testing::Types<ConnEntry4, ConnEntry6>;
TYPED_TEST_SUITE(ConnTableModel, Families);

TYPED_TEST(ConnTableModel, HoldsWhatAMapHoldsThroughHundredThousandSteps) {
  Story<TypeParam> story{3000, Width::full, 1};
  story.run(150'000);
  EXPECT_EQ(story.bucket_full, 0) << "with a whole hash there is always a group with room";
  EXPECT_GT(story.inserted, 10'000);
  EXPECT_GT(story.reply_taken, 1000);
  EXPECT_GT(story.existed, 1000);
}

TYPED_TEST(ConnTableModel, HoldsWhatAMapHoldsWhenFullAllTheTime) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    Story<TypeParam> story{50 + seed, Width::full, seed};
    story.run(10'000);
  }
}

TYPED_TEST(ConnTableModel, HoldsWhatAMapHoldsWhenHashesCollide) {
  Story<TypeParam> story{2000, Width::narrow, 2};
  story.run(150'000);
  EXPECT_GT(story.bucket_full, 100) << "the story should have met full groups";
}

TYPED_TEST(ConnTableModel, HoldsWhatAMapHoldsWhenEverybodyHasTheSameHash) {
  Story<TypeParam> story{600, Width::one, 3};
  story.run(40'000);
  EXPECT_GT(story.bucket_full, 100);
  EXPECT_GT(story.inserted, 1000);
}

}  // namespace
}  // namespace tandem
