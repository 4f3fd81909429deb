#include "pipeline/report/safe_text.h"

#include <gtest/gtest.h>

#include <clocale>
#include <limits>

namespace dinsd {
namespace {

constexpr const char* kBad = "\xEF\xBF\xBD";

TEST(CleanUtf8, KeepsWhatIsWellFormed) {
  const std::string text = "Ü \xE2\x82\xAC \xF0\x9F\xA7\xA0 tab\tline\n";
  EXPECT_EQ(CleanUtf8(text), text);
}

TEST(CleanUtf8, ReplacesEachByteThatIsNotUtf8) {
  const std::string bad = kBad;
  EXPECT_EQ(CleanUtf8("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(CleanUtf8("\xE2\x82"), bad + bad);               // cut off
  EXPECT_EQ(CleanUtf8("\xC0\xAF"), bad + bad);               // overlong /
  EXPECT_EQ(CleanUtf8("\xE0\x80\xAF"), bad + bad + bad);     // overlong
  EXPECT_EQ(CleanUtf8("\xED\xA0\x80"), bad + bad + bad);     // half of a surrogate pair
  EXPECT_EQ(CleanUtf8("\xF4\x90\x80\x80").size(), 4U * 3U);  // beyond Unicode
  EXPECT_EQ(CleanUtf8("\x80<"), bad + "<");
}

TEST(CleanUtf8, ShowsControlCharactersAndTurnsOfDirection) {
  const std::string bad = kBad;
  EXPECT_EQ(CleanUtf8(std::string("a\0b", 3)), "a" + bad + "b");
  EXPECT_EQ(CleanUtf8("a\x1B[31m\x7F"), "a" + bad + "[31m" + bad);
  EXPECT_EQ(CleanUtf8("\xC2\x85"), bad);  // C1 next line
  EXPECT_EQ(CleanUtf8("12\xE2\x80\xAE"
                      "34"),
            "12" + bad + "34");               // right-to-left override
  EXPECT_EQ(CleanUtf8("\xE2\x81\xA6"), bad);  // isolate
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(EscapeHtml("<script>alert(1)</script>"), "&lt;script&gt;alert(1)&lt;/script&gt;");
  EXPECT_EQ(EscapeHtml("\"a\" & 'b'"), "&quot;a&quot; &amp; &#39;b&#39;");
}

TEST(CsvCell, QuotesWhatRfc4180Asks) {
  EXPECT_EQ(CsvCell("plain"), "plain");
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(CsvCell("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(CsvCell("a;b"), "\"a;b\"");
}

TEST(CsvCell, DisarmsFormulas) {
  EXPECT_EQ(CsvCell("=1+1"), "'=1+1");
  EXPECT_EQ(CsvCell("+1"), "'+1");
  EXPECT_EQ(CsvCell("-1"), "'-1");
  EXPECT_EQ(CsvCell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(CsvCell("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(CsvCell("\r=1").substr(0, 1), "'");
  EXPECT_EQ(CsvCell("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
}

TEST(Digits, ShowAVolumeWithThreeFigures) {
  EXPECT_EQ(VolumeDigits(0), "0");
  EXPECT_EQ(VolumeDigits(0.0003), "0.000");
  EXPECT_EQ(VolumeDigits(0.0244), "0.024");
  EXPECT_EQ(VolumeDigits(1.2345), "1.23");
  EXPECT_EQ(VolumeDigits(34.56), "34.6");
  EXPECT_EQ(VolumeDigits(345.6), "346");
  EXPECT_EQ(VolumeDigits(3457), "3457");
}

TEST(Digits, SayUnknownWhereThereIsNoNumber) {
  EXPECT_EQ(FixedDigits(std::numeric_limits<double>::quiet_NaN(), 2), "unknown");
  EXPECT_EQ(VolumeDigits(std::numeric_limits<double>::infinity()), "unknown");
  EXPECT_EQ(FixedDigits(std::numeric_limits<double>::max(), 4).size(), 309U + 5U);
}

TEST(Digits, HaveAPointInEveryLocale) {
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "C"}) {
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    EXPECT_EQ(FixedDigits(1.5, 2), "1.50");
    EXPECT_EQ(ExactDigits(0.1), "0.1");
    std::setlocale(LC_ALL, "C");
    break;
  }
}

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64("\xFF\xFE\xFD"), "//79");
}

}  // namespace
}  // namespace dinsd
