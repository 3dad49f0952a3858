// SPDX-License-Identifier: Apache-2.0
#include "common/api/json_line.h"

#include <gtest/gtest.h>

#include "common/api/types.h"

namespace tandem::api {
namespace {

TEST(LineReader, BytesThatArriveOneByOneMakeTheSameLines) {
  LineReader reader;
  const std::string bytes = "{\"a\":1}\n\n{\"b\":2}\n{\"half";
  std::vector<std::string> lines;
  for (const char c : bytes) {
    reader.append({&c, 1});
    while (const auto line = reader.next()) lines.push_back(*line);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"{\"a\":1}", "", "{\"b\":2}"}));
  EXPECT_FALSE(reader.broken());
}

TEST(LineReader, ALineLongerThanAMebibyteBreaksIt) {
  LineReader reader;
  reader.append(std::string(kMaxLineBytes + 1, 'x'));
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
}

TEST(Request, WhatIsNotARequestSaysWhatWasExpected) {
  EXPECT_EQ(parse_request("[1]").error().message, "not a JSON object");
  EXPECT_EQ(parse_request("{\"method\":\"status\"}").error().message, "id must be a number, 0 or more");
  EXPECT_EQ(parse_request("{\"id\":1}").error().message, "method must be a string");
  EXPECT_EQ(parse_request("{\"id\":1,\"method\":\"status\",\"params\":3}").error().message, "params must be an object");
  EXPECT_TRUE(parse_request("{\"id\":1,\"method\":\"status\",\"new_in_later_versions\":3}"));
}

TEST(Request, ALineOfBracketsAloneIsRefusedBeforeItUsesUpTheStack) {
  const std::string brackets(kMaxLineBytes / 2, '[');
  EXPECT_EQ(parse_request("{\"id\":1,\"method\":\"status\",\"params\":{\"a\":" + brackets + std::string(brackets.size() - 64, ']') + "}}")
                .error()
                .message,
            "nested deeper than 64 levels");
  EXPECT_TRUE(parse_request("{\"id\":1,\"method\":\"config.check\",\"params\":{\"text\":\"\\\"" + brackets + "\"}}"))
      << "brackets in a text are no levels";
}

TEST(Lines, TextThatIsNotUtf8IsStillAnswered) { EXPECT_NE(error_line(1, {Exit::failed, "bad \xff byte"}).find("bad "), std::string::npos); }

TEST(Types, AFieldThatIsMissingKeepsItsDefaultAndAnUnknownOneIsIgnored) {
  const auto backend = Json{{"name", "web-1"}, {"from_the_future", 7}}.get<Backend>();
  EXPECT_EQ(backend.name, "web-1");
  EXPECT_EQ(backend.active_connections, 0u);
  EXPECT_FALSE(backend.overlay);
}

TEST(Types, ASnapshotComesBackAsItWent) {
  Snapshot sent;
  sent.services.resize(1);
  sent.services[0].name = "web";
  sent.services[0].backends.resize(2);
  sent.services[0].backends[1].overlay = 7;
  sent.balance.dropped["truncated"] = 3;
  EXPECT_EQ(Json(Json(sent).get<Snapshot>()), Json(sent));
}

}  // namespace
}  // namespace tandem::api
