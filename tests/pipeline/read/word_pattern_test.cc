#include "pipeline/read/word_pattern.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

TEST(WordPattern, MatchesAllOfAWordInAnyCase) {
  EXPECT_TRUE(MatchesWord("stir|t2.*", "STIR"));
  EXPECT_TRUE(MatchesWord("stir|t2.*", "t2_fs"));
  EXPECT_FALSE(MatchesWord("stir|t2.*", "stir2"));
  EXPECT_FALSE(MatchesWord("stir|t2.*", "a stir"));
  EXPECT_TRUE(MatchesWord("t[12]\\w*", "t1_vibe"));
  EXPECT_FALSE(MatchesWord("stir", std::string("stir\0", 5)));
  for (const char* broken : {"(", "a)|(b", ")(", "(a)\\1", "\\d"}) {
    EXPECT_FALSE(IsWordPattern(broken)) << broken;
    EXPECT_FALSE(MatchesWord(broken, "a")) << broken;
  }
}

TEST(WordPattern, NoWordTakesForEver) {
  const std::string pattern = "(\\w+[ _-]?)*stir";
  ASSERT_TRUE(IsWordPattern(pattern));
  EXPECT_FALSE(MatchesWord(pattern, "t2_tirm_cor_fs_wholebody_4mm_p2_320_and_so_on_and_so_on_and_on_"));
  EXPECT_TRUE(MatchesWord(pattern, "t2 cor stir"));
}

}  // namespace
}  // namespace dinsd
