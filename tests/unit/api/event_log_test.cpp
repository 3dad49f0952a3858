// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/event_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace tandem {
namespace {

class Events : public ::testing::Test {
 protected:
  Events() {
    char folder[] = "/tmp/tandem-events-XXXXXX";
    folder_ = mkdtemp(folder);
    path_ = folder_ + "/events.jsonl";
  }
  ~Events() override { std::filesystem::remove_all(folder_); }
  long lines() const {
    std::ifstream file{path_};
    return std::count(std::istreambuf_iterator<char>{file}, {}, '\n');
  }
  std::string folder_, path_;
};

TEST_F(Events, ARestartRemembersWhatHappened) {
  {
    EventLog log{path_, [] { return 1'700'000'000.25; }};
    ASSERT_TRUE(log.open());
    log.add(Severity::warning, "backend_down", "web/web-1", "refused", "alice", "kernel update");
  }
  EventLog log{path_};
  ASSERT_TRUE(log.open());
  ASSERT_EQ(log.events().size(), 1u);
  EXPECT_EQ(log.events()[0].time, "2023-11-14T22:13:20.250Z");
  EXPECT_EQ(log.events()[0].severity, "warning");
  EXPECT_EQ(log.events()[0].user, "alice");
  EXPECT_TRUE(log.by_kind().empty()) << "counters count since this start";
}

TEST_F(Events, TheFileNeverHoldsMoreThanTwiceWhatIsKept) {
  EventLog log{path_};
  ASSERT_TRUE(log.open());
  for (std::size_t i = 0; i < 2 * EventLog::kKept + 5; ++i) log.add(Severity::info, "test", std::to_string(i), "");
  EXPECT_EQ(log.events().size(), EventLog::kKept);
  EXPECT_EQ(lines(), static_cast<long>(EventLog::kKept + 5));
  EventLog again{path_};
  ASSERT_TRUE(again.open());
  EXPECT_EQ(again.events().back().object, std::to_string(2 * EventLog::kKept + 4));
}

TEST_F(Events, DamagedLinesArePassedOver) {
  std::ofstream{path_} << "not json\n{\"time\":5}\n{\"kind\":\"start\",\"object\":\"node\"}\n{\"kind\":\"half";
  EventLog log{path_};
  ASSERT_TRUE(log.open());
  ASSERT_EQ(log.events().size(), 1u);
  EXPECT_EQ(log.events()[0].kind, "start");
}

TEST_F(Events, AListenerMayLeaveWhileItIsTold) {
  EventLog log;
  int told = 0;
  std::uint64_t id = 0;
  id = log.subscribe([&](const api::Event&) {
    ++told;
    log.unsubscribe(id);
  });
  log.add(Severity::info, "a", "", "");
  log.add(Severity::info, "b", "", "");
  EXPECT_EQ(told, 1);
  EXPECT_EQ(log.by_kind().at("b"), 1u);
}

}  // namespace
}  // namespace tandem
