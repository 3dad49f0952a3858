// SPDX-License-Identifier: Apache-2.0
// The pair's secret is made and rotated without a daemon, and no word of it is ever shown.
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/unit/cli/fake_daemon.h"

namespace tandem::cli {
namespace {

class Pair : public CliTest {
 protected:
  void SetUp() override { tool.socket = "/nowhere"; }
  // 64 hex digits in a row are a secret.
  bool shows_a_secret(const Tool::Ran& ran) const {
    std::size_t row = 0;
    for (const char each : ran.out + " " + ran.err)
      if (row = std::isxdigit(static_cast<unsigned char>(each)) != 0 ? row + 1 : 0; row == 32) return true;
    return false;
  }
  Json keys() { return Json::parse(run({"pair", "key", "show", file, "--json"}).out)["data"]; }

  std::string file = daemon.folder() + "/pair.key";
};

TEST_F(Pair, InitWritesASecretForItsOwnerAloneAndOnce) {
  const Tool::Ran made = run({"pair", "init", file});
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_NE(made.err.find("Copy " + file + " to the other node"), std::string::npos) << made.err;
  EXPECT_FALSE(shows_a_secret(made));
  struct stat about {};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0600u);
  const Json before = keys();
  const Tool::Ran again = run({"pair", "init", file});
  EXPECT_EQ(again.exit, 5);
  EXPECT_EQ(again.err, "error: " + file + ": there is a file already; a pair's secret is not overwritten\n");
  EXPECT_EQ(keys(), before);
}

TEST_F(Pair, KeysAreShownByIdAndFingerprint) {
  run({"pair", "init", file});
  const Json only = keys()[0];
  const std::string id = only["key"], fingerprint = only["fingerprint"];
  EXPECT_EQ(id.size(), 4u);
  EXPECT_EQ(fingerprint.size(), 4u);
  const Tool::Ran shown = run({"pair", "key", "show", file}), plain = run({"pair", "keys", "show", file, "-o", "plain"});
  EXPECT_EQ(shown.out, "KEY   FINGERPRINT  SENDS\n" + id + "  " + fingerprint + "         yes\n");
  EXPECT_EQ(plain.out, "key\tfingerprint\tsends\n" + id + "\t" + fingerprint + "\ttrue\n");
  EXPECT_FALSE(shows_a_secret(shown) || shows_a_secret(plain));
}

TEST_F(Pair, ARotationIsAddAndRetire) {
  run({"pair", "init", file});
  const Json first = keys()[0];
  EXPECT_EQ(run({"pair", "key", "retire", file}).exit, 5) << "the only key stays";
  const Tool::Ran added = run({"pair", "key", "add", file});
  EXPECT_EQ(added.exit, 0) << added.err;
  EXPECT_NE(added.err.find("then: tandemctl pair key retire " + file), std::string::npos) << added.err;
  const Json two = keys();
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0], first) << "and still sends";
  EXPECT_EQ(two[1]["sends"], false);
  const Tool::Ran third = run({"pair", "key", "add", file});
  EXPECT_EQ(third.exit, 5);
  EXPECT_EQ(third.err, "error: " + file + ": there are two keys already; retire one first\n");
  const Tool::Ran retired = run({"pair", "key", "retire", file});
  EXPECT_EQ(retired.exit, 0) << retired.err;
  const Json last = keys();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0]["key"], two[1]["key"]);
  EXPECT_EQ(last[0]["sends"], true);
  EXPECT_FALSE(shows_a_secret(added) || shows_a_secret(third) || shows_a_secret(retired));
}

TEST_F(Pair, ANamedKeyIsRetiredAndAnUnknownOneIsNot) {
  run({"pair", "init", file});
  run({"pair", "key", "add", file});
  const Json two = keys();
  EXPECT_EQ(run({"pair", "key", "retire", file, "secret"}).exit, 2);
  EXPECT_EQ(run({"pair", "key", "retire", file, two[0]["key"] == "0001" ? "0002" : "0001"}).exit, 4);
  EXPECT_EQ(run({"pair", "key", "retire", file, two[1]["key"]}).exit, 0);
  EXPECT_EQ(keys(), Json::array({two[0]}));
}

TEST_F(Pair, AFileThatOthersReadOrThatIsDamagedIsRefusedWithoutQuotingIt) {
  run({"pair", "init", file});
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  const Tool::Ran open = run({"pair", "key", "show", file});
  EXPECT_EQ(open.exit, 1);
  EXPECT_NE(open.err.find("chmod 600 " + file), std::string::npos) << open.err;
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  std::ofstream{file, std::ios::app} << std::string(64, 'a') << "\n";
  const Tool::Ran damaged = run({"pair", "key", "show", file});
  EXPECT_EQ(damaged.exit, 1);
  EXPECT_EQ(damaged.err, "error: " + file + ": line 7: expected NAME = \"HEX DIGITS\"\n");
  EXPECT_EQ(run({"pair", "key", "show", daemon.folder() + "/absent"}).exit, 1);
}

TEST_F(Pair, MistakesAreNamed) {
  EXPECT_EQ(run({"pair"}).err.substr(0, 37), "error: pair needs a verb: init, key\n ");
  EXPECT_NE(run({"pair", "key"}).err.find("pair key needs a verb: add, retire, show"), std::string::npos);
  EXPECT_NE(run({"pair", "key", "retier", file}).err.find("did you mean \"retire\"?"), std::string::npos);
  EXPECT_EQ(run({"pair", "key", "add", "-h"}).out.find("The first step of a rotation"), 0u);
}

}  // namespace
}  // namespace tandem::cli
