// SPDX-License-Identifier: Apache-2.0
// configs/ and docs/configuration.md say what the tables of keys say: nothing is missing, and no default differs.
#include <algorithm>
#include <regex>

#include "controlplane/config/canonical.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

const std::string kRoot = TANDEM_SOURCE_ROOT;

std::string shipped() { return content_of(kRoot + "/configs/tandem.toml"); }

// With the keys that have no default, and the sections that a single node has not.
std::string shipped_whole() { return std::regex_replace(shipped(), std::regex{"\n#([a-z_]+ *= |\\[)"}, "\n$1"); }

// The text from a section's heading to the next heading.
std::string section_of(const std::string& text, const std::string& heading) {
  const std::size_t begin = text.find(heading);
  if (begin == text.npos) return {};
  const std::size_t end = text.find("\n[", begin + heading.size());
  return text.substr(begin, end - begin);
}

TEST(ShippedFile, IsSoundWithoutAWarning) {
  const ReadOutcome outcome = load(shipped(), "tandem.toml", kFourCores);
  EXPECT_TRUE(outcome.config);
  EXPECT_EQ(summary(outcome), "");
}

TEST(ShippedFile, CarriesEveryKeyUnderItsHeading) {
  const std::string text = shipped_whole();
  for (const KeyInfo& key : all_keys()) {
    if (key.expects.empty()) continue;  // a section, which its own keys show
    const std::regex line{"(^|\\n)#?" + std::string{key.key} + " *= "};
    EXPECT_TRUE(std::regex_search(section_of(text, "\n" + heading_of(key.section)), line)) << heading_of(key.section) << " " << key.key;
  }
}

TEST(ShippedFile, WritesTheDefaultsOfTheProgram) {
  Config defaults;
  const Config written = must_read(shipped());
  // What is needed has no default: there the file's example stands on both sides.
  Port port;
  port.name = written.port.at(0).name, port.device = written.port.at(0).device;
  defaults.port = {port};
  const Service& example = written.service.at(0);
  Service service;
  service.name = example.name, service.listen = example.listen;
  service.backend = {Backend{example.backend.at(0).name, example.backend.at(0).address, Backend{}.weight}};
  defaults.service = {service};
  EXPECT_EQ(canonical(written), canonical(defaults));
}

TEST(ShippedFile, ItsKeysWithoutDefaultAreSpeltRight) {
  const ReadOutcome outcome = read(shipped_whole());
  EXPECT_EQ(summary(outcome), "");
  ASSERT_TRUE(outcome.config) << summary(outcome);
  EXPECT_EQ(outcome.config->dataplane.workers, 2u);
  EXPECT_TRUE(outcome.config->port.at(0).mac && outcome.config->port.at(0).queues);
  EXPECT_EQ(outcome.config->service.at(0).check.port, 8080);
  EXPECT_EQ(outcome.config->service.at(0).group, outcome.config->group.at(0).name);
  EXPECT_EQ(outcome.config->ha, Ha{});
  EXPECT_EQ(outcome.config->sync->port, Sync{}.port);
}

TEST(Examples, AreSoundWithoutAWarning) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{kRoot + "/configs/examples"}) {
    if (entry.path().extension() != ".toml") continue;
    const ReadOutcome outcome = load_path(entry.path().string(), kFourCores);
    EXPECT_TRUE(outcome.config) << entry.path();
    EXPECT_EQ(summary(outcome), "") << entry.path();
    ++count;
  }
  EXPECT_GE(count, 2u);
  const ReadOutcome pair = load_path(kRoot + "/configs/examples/pair", kFourCores);
  EXPECT_TRUE(pair.config);
  EXPECT_EQ(summary(pair), "");
}

TEST(Manual, HasARowForEveryKeyUnderItsHeading) {
  const std::string text = content_of(kRoot + "/docs/configuration.md");
  for (const KeyInfo& key : all_keys()) {
    if (key.expects.empty()) continue;
    const std::size_t begin = text.find("# " + heading_of(key.section) + "\n");
    ASSERT_NE(begin, text.npos) << heading_of(key.section);
    const std::string section = text.substr(begin, text.find("\n#", begin) - begin);
    EXPECT_NE(section.find("| `" + std::string{key.key} + "` |"), section.npos) << heading_of(key.section) << " " << key.key;
  }
}

TEST(Manual, HasARowForEveryCode) {
  const std::string text = content_of(kRoot + "/docs/configuration.md");
  for (const CodeInfo& code : all_codes()) {
    const std::string row = std::string{"| "}.append(code.name).append(" | ").append(code.text).append(" |");
    EXPECT_NE(text.find(row), text.npos) << row;
  }
}

TEST(Codes, AreUniqueAndInOrder) {
  const auto codes = all_codes();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(codes[i].code), i) << codes[i].name;
    const bool same_letter = i > 0 && codes[i].name.front() == codes[i - 1].name.front();
    EXPECT_TRUE(!same_letter || codes[i - 1].name < codes[i].name) << codes[i].name;
  }
}

}  // namespace
}  // namespace tandem::config
