#include "pipeline/read/pseudonym.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

TEST(PseudonymTest, IsToBeSeenAndNothingElse) {
  for (const char* good : {"P 17", "reader-7", "P\u00E4ul", "\u5C71"}) EXPECT_EQ(FaultOfPseudonym(good), "") << good;
  for (const char* blank : {"", " ", "\u00A0", " \u3000\u200B"}) EXPECT_EQ(FaultOfPseudonym(blank), "is blank");
  for (const char* control : {"\t", "P\n17", "P\u0085", "P\x7F"})
    EXPECT_EQ(FaultOfPseudonym(control), "holds a control character");
  EXPECT_EQ(FaultOfPseudonym("Jane Doe\u202E"), "holds a character that cannot be seen or told from a blank, U+202E");
  EXPECT_EQ(FaultOfPseudonym("P\xFF"), "is no UTF-8");  // of a command line
}

}  // namespace
}  // namespace dinsd
