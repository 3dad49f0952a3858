// SPDX-License-Identifier: Apache-2.0
// node.toml and pair.toml: read together, judged alone, joined to one text and cut from it again.
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

constexpr std::string_view kNode = R"(# this machine
[node]
name = "lb-a"

[[port]]
name = "outside"
device = "null"
address = ["203.0.113.2/24", "10.0.0.2/24"]
peer_address = ["203.0.113.3"]
[sync]
key = "/etc/tandem/pair.key" # not a ] heading
)";
constexpr std::string_view kPair = R"(# both

[[group]]
name = "blue"
vrid = { outside = 10 }
gateway = [
  "10.0.0.254/24",   # [[port]] in a comment
]

# what clients connect to
[[service]]
name = "web"
group = "blue"
listen = ["203.0.113.10:80/tcp"]
[[service.backend]]
name = "web-1"
address = "10.0.0.11:80"
)";

class TwoFiles : public testing::Test {
 protected:
  TwoFiles() { write(kNode, kPair); }
  void write(std::string_view node, std::string_view pair) {
    write_file(directory_.file("node.toml"), node);
    write_file(directory_.file("pair.toml"), pair);
  }
  ReadOutcome load_both() const { return load_path(directory_.path(), kFourCores); }

  TemporaryDirectory directory_;
};

TEST_F(TwoFiles, AreReadTogether) {
  const ReadOutcome outcome = load_both();
  ASSERT_TRUE(outcome.config) << summary(outcome);
  EXPECT_EQ(summary(outcome), "");
  EXPECT_EQ(outcome.config->node.name, "lb-a");
  EXPECT_EQ(outcome.config->service.at(0).name, "web");
  EXPECT_EQ(outcome.file, directory_.path());
  EXPECT_EQ(outcome.part, Part::whole);
}

TEST_F(TwoFiles, TheHistorysTextReadsAsTheTwoDid) {
  const ReadOutcome outcome = load_both();
  EXPECT_EQ(outcome.text, std::string{kNode}.append(kPair));
  EXPECT_EQ(read(outcome.text).config.value().hash, outcome.config.value().hash);
}

TEST_F(TwoFiles, EachComplaintNamesItsOwnFileAndLine) {
  std::string node{kNode}, pair{kPair};
  node.replace(node.find("name ="), 6, "nmae ="), pair.replace(pair.find("\"web\""), 5, "7");
  write(node, pair);
  const ReadOutcome outcome = load_both();
  ASSERT_EQ(outcome.diagnostics.size(), 2u) << summary(outcome);
  EXPECT_TRUE(render(outcome.diagnostics[0], false).starts_with(directory_.file("node.toml:3:1: error[E101]")));
  EXPECT_EQ(outcome.diagnostics[1].file, directory_.file("pair.toml"));
  EXPECT_EQ(outcome.diagnostics[1].place.line, 12u);
  EXPECT_EQ(outcome.diagnostics[1].source_line, "name = 7");
}

TEST_F(TwoFiles, ALineOfTheOtherFileIsNamedWithIt) {
  write(kNode, std::string{kPair}.replace(kPair.find("10.0.0.254"), 10, "203.0.113.2"));
  const ReadOutcome outcome = load_both();
  ASSERT_EQ(outcome.diagnostics.size(), 1u) << summary(outcome);
  EXPECT_EQ(outcome.diagnostics[0].text, "203.0.113.2 is the node's own address on port \"outside\" (node.toml:8) and cannot be a gateway");
}

TEST_F(TwoFiles, ASyntaxErrorInOneDoesNotHideASlipInTheOther) {
  write("[node]\nname = \"lb\n", "[[service]]\nnme = \"web\"\n");
  const ReadOutcome outcome = load_both();
  ASSERT_EQ(outcome.diagnostics.size(), 2u) << summary(outcome);
  EXPECT_EQ(outcome.diagnostics[0].file, directory_.file("node.toml"));
  EXPECT_EQ(outcome.diagnostics[0].code, Code::syntax);
  EXPECT_EQ(outcome.diagnostics[1].file, directory_.file("pair.toml"));
  EXPECT_EQ(outcome.diagnostics[1].code, Code::unknown_key);
}

TEST_F(TwoFiles, OneAloneIsSilentAboutWhatRestsOnTheOther) {
  for (const char* name : {"pair.toml", "node.toml"}) {
    const ReadOutcome alone = load_path(directory_.file(name), kFourCores);
    EXPECT_TRUE(alone.config && alone.part == part_of_file(name)) << name;
    EXPECT_EQ(summary(alone), "") << name << ": no word of missing ports, LANs or ways to the peer";
  }
  write_file(directory_.file("pair.toml"), "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ngroup = \"g\"\n");
  EXPECT_FALSE(load_path(directory_.file("pair.toml"), kFourCores).config) << "what is wrong in itself is told";
}

TEST(Parts, APartAloneTakesTheOtherFromWhatIsInForce) {
  const std::string in_force = std::string{kPair}.append("\n").append(kNode);  // one file, in another order
  std::string pair{kPair};
  pair.replace(pair.find("web-1"), 5, "web-7");
  const ReadOutcome outcome = load_beside(in_force, pair, "/tmp/pair.toml", kFourCores);
  ASSERT_TRUE(outcome.config) << summary(outcome);
  EXPECT_EQ(outcome.config->service.at(0).backend.at(0).name, "web-7");
  EXPECT_EQ(outcome.config->node.name, "lb-a");
  EXPECT_EQ(outcome.file, "/tmp/pair.toml");
  EXPECT_EQ(read(outcome.text).config.value().hash, outcome.config->hash);
  std::string node{kNode};
  node.replace(node.find("lb-a"), 4, "lb-b");
  const ReadOutcome other = load_beside(outcome.text, node, "node.toml", kFourCores);
  ASSERT_TRUE(other.config) << summary(other);
  EXPECT_EQ(other.config->node.name, "lb-b");
  EXPECT_EQ(other.config->service.at(0).backend.at(0).name, "web-7");
}

TEST(Parts, AnyOtherFileIsTheWhole) {
  const ReadOutcome outcome = load_beside(std::string{kNode}.append(kPair), kNode, "new.toml", kFourCores);
  ASSERT_TRUE(outcome.config);
  EXPECT_TRUE(outcome.config->service.empty());
}

TEST(Parts, AreCutWithTheCommentsAboveThem) {
  const std::string both = std::string{kPair}.append(kNode);
  EXPECT_EQ(cut(both, Part::pair), kPair);
  EXPECT_EQ(cut(both, Part::node), kNode);
  EXPECT_EQ(cut("service = [\n  { name = \"s\" }, # [node]\n]\nnode.name = \"x\"\n", Part::node), "node.name = \"x\"\n");
}

TEST(Parts, KeysAboveTheFirstHeadingStayAboveIt) {
  const std::string joined = join("[node]\nname = \"x\"", "ha.mode = \"vrrp\"\n[[group]]\nname = \"g\"\n");
  EXPECT_EQ(joined, "ha.mode = \"vrrp\"\n[node]\nname = \"x\"\n[[group]]\nname = \"g\"\n");
  EXPECT_EQ(must_read(joined).ha.value().mode, HaMode::vrrp);
}

TEST(Parts, AByteOrderMarkIsNotCarriedIntoTheMiddle) { EXPECT_EQ(join("\xef\xbb\xbf[node]\n", "\xef\xbb\xbf[ha]\n"), "[node]\n[ha]\n"); }

}  // namespace
}  // namespace tandem::config
