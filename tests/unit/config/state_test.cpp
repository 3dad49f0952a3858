// SPDX-License-Identifier: Apache-2.0
// What survives a restart: overlay, history, seed.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "controlplane/config/history.h"
#include "controlplane/config/overlay.h"
#include "controlplane/config/seed.h"
#include "controlplane/config/state_file.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

using namespace std::chrono_literals;

const WallTime kNoon{std::chrono::seconds{1'769'860'800}};

OverlayEntry draining(const std::string& backend, std::optional<std::chrono::seconds> ttl = {}) {
  return {0, "web", backend, OverlayField::admin_state, "draining", "alice", "kernel update", kNoon, ttl};
}

OverlayEntry cleared(const std::string& backend) {
  OverlayEntry entry = draining(backend);
  entry.value.clear();
  return entry;
}

unsigned mode_of(const std::string& path) {
  struct stat about {};
  EXPECT_EQ(::stat(path.c_str(), &about), 0);
  return about.st_mode & 07777;
}

std::size_t files_in(const std::string& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{path}, std::filesystem::directory_iterator{}));
}

TEST(Overlay, SurvivesARestartWithEverythingItKnew) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("overlay.json");
  {
    Overlay overlay = Overlay::open(path).value();
    ASSERT_TRUE(overlay.set(draining("web-1", 2h)));
    ASSERT_TRUE(overlay.set({0, "web", "web-2", OverlayField::weight, "3", "bob", "more memory \xff", kNoon, {}}));
  }
  const Overlay again = Overlay::open(path).value();
  ASSERT_EQ(again.entries().size(), 2u);
  const OverlayEntry& first = again.entries()[0];
  EXPECT_EQ(first.id, 1u);
  EXPECT_EQ(first.service + "/" + first.backend + " " + first.value + " by " + first.user + ": " + first.reason,
            "web/web-1 draining by alice: kernel update");
  EXPECT_EQ(first.time, kNoon);
  EXPECT_EQ(first.ttl, 2h);
  EXPECT_EQ(again.find("web", "web-2", OverlayField::weight)->value, "3");
  EXPECT_EQ(again.find("web", "web-2", OverlayField::admin_state), nullptr);
  EXPECT_EQ(files_in(directory.path()), 1u) << "no temporary file stays behind";
}

TEST(Overlay, ANewWordOnTheSameFieldReplacesTheOldAndIdsAreNeverReused) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("overlay.json");
  Overlay overlay = Overlay::open(path).value();
  EXPECT_EQ(overlay.set(draining("web-1"))->id, 1u);
  EXPECT_EQ(overlay.set(draining("web-1"))->id, 2u);
  EXPECT_EQ(overlay.entries().size(), 1u);
  EXPECT_EQ(overlay.set(cleared("web-1"))->id, 3u);
  EXPECT_TRUE(overlay.entries().empty());
  Overlay again = Overlay::open(path).value();
  EXPECT_EQ(again.set(draining("web-1"))->id, 4u);
}

TEST(Overlay, EntriesEndByThemselvesAlsoWhileTheDaemonWasDown) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("overlay.json");
  Overlay overlay = Overlay::open(path).value();
  ASSERT_TRUE(overlay.set(draining("web-1", 10s)) && overlay.set(draining("web-2", 60s)) && overlay.set(draining("web-3")));
  EXPECT_EQ(overlay.next_end(), kNoon + 10s);
  EXPECT_TRUE(overlay.expire(kNoon + 9s)->empty());
  Overlay again = Overlay::open(path).value();
  const auto ended = again.expire(kNoon + 60s).value();
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[1].backend, "web-2");
  EXPECT_EQ(again.entries().front().backend, "web-3") << "what has no ttl stays";
  EXPECT_EQ(again.next_end(), std::nullopt);
}

TEST(Overlay, AClearedFieldLosesItsEntryAndNoOtherDoes) {
  Overlay overlay;
  ASSERT_TRUE(overlay.set(draining("web-1")) && overlay.set(draining("web-2")));
  ASSERT_TRUE(overlay.set({0, "web", "web-1", OverlayField::weight, "3", "bob", "", kNoon, {}}));
  ASSERT_TRUE(overlay.set(cleared("web-1")) && overlay.set(cleared("web-9")));
  EXPECT_EQ(overlay.find("web", "web-1", OverlayField::admin_state), nullptr);
  EXPECT_EQ(overlay.find("web", "web-1", OverlayField::weight)->value, "3");
  EXPECT_EQ(overlay.entries().size(), 2u);
}

TEST(Overlay, AnEntryIsOrphanedOnceItsBackendLeftTheConfiguration) {
  const Config config = must_read(
      "[[service]]\nname = \"web\"\nlisten = \"203.0.113.10:80/tcp\"\nbackend = [{ name = \"web-1\", address = \"10.0.0.1:80\" }]\n");
  EXPECT_FALSE(is_orphaned(draining("web-1"), config));
  EXPECT_TRUE(is_orphaned(draining("web-2"), config));
  EXPECT_TRUE(is_orphaned(draining("web-1"), Config{}));
}

TEST(Overlay, ADamagedFileIsAnErrorNotAnEmptyOverlay) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("overlay.json");
  for (const char* content : {"", "{", "[]", "{\"next_id\":1}", "{\"next_id\":1,\"entries\":[{}]}", "{\"next_id\":\"x\",\"entries\":[]}",
                              "{\"next_id\":1,\"entries\":[{\"id\":\"a\"}]}"}) {
    write_file(path, content);
    const auto opened = Overlay::open(path);
    ASSERT_FALSE(opened) << content;
    EXPECT_NE(opened.error().message.find("move it away"), std::string::npos);
  }
}

TEST(Overlay, WhatCannotBeWrittenDoesNotTakeEffect) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.file("state"));
  const std::string path = directory.file("state/overlay.json");
  Overlay overlay = Overlay::open(path).value();
  ASSERT_TRUE(overlay.set(draining("web-1")));
  std::filesystem::rename(directory.file("state"), directory.file("gone"));
  const auto refused = overlay.set(draining("web-2"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(overlay.entries().size(), 1u);
  EXPECT_FALSE(overlay.set(cleared("web-1")));
  EXPECT_EQ(overlay.entries().size(), 1u) << "memory follows the disk";
}

HistoryEntry applied(const std::string& hash) { return {0, hash, kNoon, "alice", "because " + hash}; }

TEST(History, KeepsTheLastTenWordForWord) {
  const TemporaryDirectory directory;
  History history = History::open(directory.file("history")).value();
  for (int i = 0; i < 13; ++i) ASSERT_TRUE(history.add(applied("hash" + std::to_string(i)), "# text " + std::to_string(i) + "\n"));
  const History again = History::open(directory.file("history")).value();
  ASSERT_EQ(again.entries().size(), 10u);
  EXPECT_EQ(again.entries().front().hash, "hash3");
  EXPECT_EQ(again.entries().back().reason, "because hash12");
  EXPECT_EQ(again.entries().back().time, kNoon);
  EXPECT_EQ(again.text(again.entries().front()).value(), "# text 3\n");
  EXPECT_EQ(files_in(directory.file("history")), 11u) << "ten texts and their list";
}

TEST(History, RollbackFindsTheOneBeforeOrTheOneNamed) {
  const TemporaryDirectory directory;
  History history = History::open(directory.path()).value();
  EXPECT_FALSE(history.find(""));
  ASSERT_TRUE(history.add(applied("aaaa11112222"), "one"));
  EXPECT_FALSE(history.find("")) << "there is nothing before the first";
  ASSERT_TRUE(history.add(applied("bbbb11112222"), "two") && history.add(applied("aaaa11112222"), "three"));
  EXPECT_EQ(history.text(history.find("").value()).value(), "two");
  EXPECT_EQ(history.text(history.find("aaaa").value()).value(), "three") << "the newest of equal hashes";
  EXPECT_FALSE(history.find("bbb")) << "too short to be meant";
  EXPECT_FALSE(history.find("cccc"));
}

TEST(History, ADamagedListIsAnError) {
  const TemporaryDirectory directory;
  write_file(directory.file("history.json"), "{\"entries\":[{\"id\":1}]}");
  EXPECT_FALSE(History::open(directory.path()));
}

TEST(Seed, IsMadeOnceForTheDaemonAlone) {
  const TemporaryDirectory directory;
  const HashSeed first = load_or_make_seed(directory.file("seed")).value();
  EXPECT_EQ(load_or_make_seed(directory.file("seed")).value(), first);
  EXPECT_EQ(mode_of(directory.file("seed")), 0600u);
  EXPECT_NE(load_or_make_seed(directory.file("other")).value(), first);
  EXPECT_NE(first, replay_seed());
  EXPECT_NE(first, HashSeed{});
}

TEST(Seed, AnotherSizeOrModeIsRefused) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("seed");
  for (const std::size_t size : {0u, 31u, 33u}) {
    write_file(path, std::string(size, 'x'));
    ::chmod(path.c_str(), 0600);
    EXPECT_FALSE(load_or_make_seed(path)) << size << " bytes";
  }
  write_file(path, std::string(32, 'x'));
  for (const mode_t mode : {0640u, 0604u, 0660u, 0644u}) {
    ::chmod(path.c_str(), mode);
    EXPECT_FALSE(load_or_make_seed(path)) << std::oct << mode;
  }
  ::chmod(path.c_str(), 0600);
  EXPECT_TRUE(load_or_make_seed(path));
  EXPECT_FALSE(load_seed(directory.file("absent"))) << "replay --seed FILE makes none";
}

TEST(StateFile, ReadsNothingButRegularFilesOfTheSizeExpected) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo(directory.file("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(read_whole_file(directory.file("fifo"), 100)) << "and does not wait for it";
  EXPECT_FALSE(read_whole_file(directory.path(), 100));
  EXPECT_FALSE(read_whole_file("/dev/zero", 100));
  ASSERT_TRUE(write_atomically(directory.file("f"), "12345", 0640));
  EXPECT_EQ(mode_of(directory.file("f")), 0640u);
  EXPECT_EQ(read_whole_file(directory.file("f"), 5).value(), "12345");
  EXPECT_FALSE(read_whole_file(directory.file("f"), 4));
}

}  // namespace
}  // namespace tandem::config
