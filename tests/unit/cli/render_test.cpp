// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/render/durations.h"
#include "cli/render/envelope.h"
#include "cli/render/numbers.h"
#include "cli/render/redraw.h"
#include "cli/render/safe_text.h"
#include "cli/render/table.h"
#include "cli/render/times.h"

namespace tandem::cli {
namespace {

TEST(Numbers, KeepTwoOrThreeDigitsThatMatter) {
  EXPECT_EQ(compact(0), "0");
  EXPECT_EQ(compact(12), "12");
  EXPECT_EQ(compact(999), "999");
  EXPECT_EQ(compact(9100), "9.1 k");
  EXPECT_EQ(compact(402'123), "402 k");
  EXPECT_EQ(compact(0.5), "0.5");
  EXPECT_EQ(three_digits(3.21e6), "3.21 M");
  EXPECT_EQ(three_digits(18'400), "18.4 k");
  EXPECT_EQ(three_digits(801'000), "801 k");
  EXPECT_EQ(grouped(1'204'331), "1 204 331");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(bytes(1.1e6), "1.1 MB");
  EXPECT_EQ(bytes(90), "90 B");
}

TEST(Numbers, ThatRoundUpTakeTheNextPrefixNotAThousandOfTheLast) {
  EXPECT_EQ(compact(999.9), "1.0 k");
  EXPECT_EQ(compact(999'900), "1.0 M");
  EXPECT_EQ(compact(9'990), "10 k");
  EXPECT_EQ(three_digits(999'700), "1.00 M");
}

TEST(Numbers, LittleIsNotNothing) {
  EXPECT_EQ(percent(0.14), "14 %");
  EXPECT_EQ(percent(0.001), "<1 %");
  EXPECT_EQ(percent(0), "0 %");
}

TEST(Durations, ReadAsPeopleSayThem) {
  EXPECT_EQ(coarse(41), "41 s");
  EXPECT_EQ(coarse(370), "6 min");
  EXPECT_EQ(coarse(259'300), "3 d");
  EXPECT_EQ(two_units(192), "3 min 12 s");
  EXPECT_EQ(two_units(600), "10 min");
  EXPECT_EQ(two_units(0.4), "0 s");
  EXPECT_EQ(brief(4320), "1h12m");
  EXPECT_EQ(brief(7260), "2h01m");
  EXPECT_EQ(brief(3), "3s");
  EXPECT_EQ(brief(3 * 86'400 + 4 * 3600), "3d 4h");
  EXPECT_EQ(precise(0.000061), "61 µs");
  EXPECT_EQ(precise(0.0008), "0.8 ms");
  EXPECT_EQ(precise(1.25), "1.2 s");
}

TEST(Times, AreLocalForPeopleAndTodayNeedsNoDate) {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  EXPECT_EQ(local_time("2026-01-31T14:02:11.250Z"), "2026-01-31 15:02:11 +01:00");
  EXPECT_EQ(local_clock("2026-01-31T14:02:11Z", *parse_moment("2026-01-31T20:00:00Z")), "15:02");
  EXPECT_EQ(local_clock("2026-01-31T14:02:11Z", *parse_moment("2026-02-01T20:00:00Z")), "2026-01-31 15:02");
  EXPECT_EQ(local_time("yesterday"), "yesterday");
  EXPECT_EQ(rfc3339(*parse_moment("2026-01-31T14:02:11.250Z")), "2026-01-31T14:02:11Z");
}

TEST(SafeText, ControlCharactersAndTurnedWritingAndBrokenBytesAreNeutralised) {
  EXPECT_EQ(printable("web\x1b[2J"), "web?[2J");
  EXPECT_EQ(printable("a\tb\nc\r"), "a b c?");
  EXPECT_EQ(printable("\xc2\x9b"), "?") << "C1's CSI steers a terminal as well as ESC [";
  EXPECT_EQ(printable("user\xe2\x80\xaetxt"), "user?txt") << "U+202E turns the direction of writing";
  EXPECT_EQ(printable("\xff\xc0\xaf"), "???");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???") << "a surrogate";
  EXPECT_EQ(printable("\xe2\x82"), "??") << "cut short";
  EXPECT_EQ(printable("Größe → µ 🙂"), "Größe → µ 🙂");
  EXPECT_EQ(printable_json(nlohmann::json::parse(R"({"a\u001b": ["\u0007", 3]})")).dump(), R"({"a?":["?",3]})");
}

struct Row {
  std::string name;
  int count;
};

const Columns<Row> kColumns{{"NAME", "name",
                             [](const Row& r) {
                               return Cell{r.name, Tone::good};
                             }},
                            {"COUNT", "count_total",
                             [](const Row& r) {
                               return Cell{"~" + std::to_string(r.count), std::to_string(r.count)};
                             }},
                            {"EXTRA", "extra", [](const Row&) { return Cell{""}; }, Shown::wide}};
const std::vector<Row> kRows{{"größer", 7}, {"b", 12}};

TEST(Table, AlignsByWhatIsSeenAndEndsWithoutBlanks) {
  EXPECT_EQ(table(kColumns, kRows, {}), "NAME    COUNT\ngrößer  ~7\nb       ~12\n");
  EXPECT_EQ(table(kColumns, kRows, {.format = Format::wide}), "NAME    COUNT  EXTRA\ngrößer  ~7     -\nb       ~12    -\n");
  EXPECT_EQ(table(kColumns, kRows, {.header = false}), "größer  ~7\nb       ~12\n");
}

TEST(Table, PlainHasTabsAndRawNumbersAndAllColumns) {
  EXPECT_EQ(table(kColumns, kRows, {.format = Format::plain}), "name\tcount_total\textra\ngrößer\t7\t\nb\t12\t\n");
  EXPECT_EQ(table(kColumns, kRows, {.format = Format::plain, .header = false}), "größer\t7\t\nb\t12\t\n");
}

TEST(Table, ColourChangesNoWordAndNoColumn) {
  std::string coloured = table(kColumns, kRows, {.colour = true});
  EXPECT_NE(coloured.find("\x1b[32mgrößer\x1b[0m"), std::string::npos) << coloured;
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;) coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, table(kColumns, kRows, {}));
}

TEST(Table, IsCutToTheTerminalAtItsWidestColumnAndNeverElsewhere) {
  const std::vector<Row> rows{{"a-name-that-is-much-too-long", 7}};
  EXPECT_EQ(table(kColumns, rows, {.width = 20}), "NAME           COUNT\na-name-that-…  ~7\n");
  EXPECT_EQ(table(kColumns, rows, {}), "NAME                          COUNT\na-name-that-is-much-too-long  ~7\n");
}

TEST(Table, ATabInANameDoesNotMakeAColumn) {
  const std::vector<Row> rows{{"a\tb\nc", 1}};
  EXPECT_EQ(table(kColumns, rows, {.format = Format::plain, .header = false}), "a b c\t1\t\n");
}

TEST(Redraw, MarksTheCellsThatChangedAndNoOthers) {
  Redraw redraw;
  EXPECT_EQ(redraw.frame("web  1  up\n", true), "\x1b[Hweb  1  up\x1b[K\n\x1b[J");
  EXPECT_EQ(redraw.frame("web  12  up\n", true), "\x1b[Hweb  \x1b[7m12\x1b[0m  up\x1b[K\n\x1b[J");
  EXPECT_EQ(redraw.frame("web  13  up\n", false), "\x1b[Hweb  13  up\x1b[K\n\x1b[J");
}

TEST(Envelope, HasItsFieldsInOrderAndNothingThatSteersATerminal) {
  const Envelope envelope{"backend.list", "lb-a", *parse_moment("2026-01-31T14:02:11Z"), {}, {{{"name", "\x1b\x7fµ\xff"}}}};
  EXPECT_EQ(
      render(envelope, false),
      R"({"schema":"tandem.backend.list/1","node":"lb-a","time":"2026-01-31T14:02:11Z","warnings":[],"data":[{"name":"\u001b\u007f\u00b5\ufffd"}]})"
      "\n");
}

}  // namespace
}  // namespace tandem::cli
