#include "daemon/publish/results_claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "storage/storage_error.h"
#include "tests/temp_folder.h"
#include "tests/unprivileged.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

class ResultsClaimTest : public testing::Test {
 protected:
  // How a claim is refused; nothing where it is not.
  std::optional<StorageFailure> RefusalOf(const ResultsOwner& owner) {
    try {
      const ResultsClaim claim(results_, owner);
    } catch (const StorageError& error) {
      words_ = error.what();
      return error.failure();
    }
    return std::nullopt;
  }

  TempFolder folder_;
  std::filesystem::path results_ = folder_.path() / "results";
  std::filesystem::path mark_ = results_ / kResultsMark;
  std::string words_;
};

TEST_F(ResultsClaimTest, ALivingDaemonKeepsASecondOneOut) {
  const ResultsClaim first(results_, {"a", "/state/a"});
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), StorageFailure::kInUse);
  EXPECT_THAT(words_, HasSubstr("pid " + std::to_string(::getpid())));
  EXPECT_THAT(words_, HasSubstr(results_.string()));
  EXPECT_THAT(words_, HasSubstr("/state/a"));
}

TEST_F(ResultsClaimTest, TheMarkOutlivesTheDaemon) {
  { const ResultsClaim first(results_, {"a", "/state/a"}); }
  EXPECT_EQ(RefusalOf({"b", "/state/b"}), StorageFailure::kForeignFile);
  EXPECT_THAT(words_, testing::AllOf(HasSubstr("/state/a"), HasSubstr("/state/b"), HasSubstr(results_.string())));
  EXPECT_EQ(RefusalOf({"a", "/copy/of/a"}), StorageFailure::kForeignFile) << "a copy has the same id";
  EXPECT_THAT(words_, HasSubstr("has moved here"));
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), std::nullopt);
  std::filesystem::remove(results_ / ".dinsd.owner");
  EXPECT_EQ(RefusalOf({"b", "/state/b"}), std::nullopt) << "a person gave it away";
}

TEST_F(ResultsClaimTest, AMarkThatCannotBeUnderstoodIsKeptAndNamed) {
  for (const char* content :
       {"", "{\"owner\": ", "[]", "{\"owner\": \"a\"}", R"({"owner": 1, "state_dir": "/state/a", "host": "h"})"}) {
    folder_.Write("results/.dinsd.owner", content);
    EXPECT_EQ(RefusalOf({"a", "/state/a"}), StorageFailure::kForeignFile) << content;
    EXPECT_THAT(words_, testing::AllOf(HasSubstr(mark_.string()), HasSubstr("remove it and start again")));
    EXPECT_EQ(std::filesystem::file_size(mark_), std::string(content).size());
  }
}

TEST_F(ResultsClaimTest, WhatIsNoFileIsNoMissingMark) {
  std::filesystem::create_directories(mark_);
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), StorageFailure::kForeignFile);
  EXPECT_THAT(words_, HasSubstr(mark_.string() + ", which says whose queue's results lie in this results_dir, is no"));
  std::filesystem::remove(mark_);
  std::filesystem::create_symlink("nowhere", mark_);
  EXPECT_TRUE(RefusalOf({"a", "/state/a"}).has_value());
  std::filesystem::remove(mark_);
  ASSERT_EQ(::mkfifo(mark_.c_str(), 0600), 0);
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), StorageFailure::kForeignFile);
}

TEST_F(ResultsClaimTest, AMarkThatMayNotBeReadIsNoMissingMark) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make files of another user";
  { const ResultsClaim first(results_, {"a", "/state/a"}); }
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  std::filesystem::permissions(results_, std::filesystem::perms::all);
  std::filesystem::permissions(mark_, std::filesystem::perms::none);
  const Unprivileged nobody;
  EXPECT_EQ(RefusalOf({"b", "/state/b"}), StorageFailure::kInputOutput);
  EXPECT_THAT(words_, testing::AllOf(HasSubstr(mark_.string()), HasSubstr("cannot be read (Permission denied)")));
}

TEST_F(ResultsClaimTest, WhatACrashLeftOfAMarkIsNoMark) {
  folder_.Write("results/.dinsd.owner.next", "{\"owner\": ");
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), std::nullopt);
  EXPECT_EQ(RefusalOf({"b", "/state/b"}), StorageFailure::kForeignFile);
}

TEST_F(ResultsClaimTest, AnotherIdOfTheSameStateFolderIsALostSaltUnlessItIsOfAnotherMachine) {
  { const ResultsClaim first(results_, {"a", "/state/a"}); }
  EXPECT_EQ(RefusalOf({"b", "/state/a"}), StorageFailure::kForeignFile);
  EXPECT_THAT(words_, testing::AllOf(HasSubstr("an earlier queue of this state_dir, /state/a"), HasSubstr("\"salt\""),
                                     testing::Not(HasSubstr("another queue"))));
  folder_.Write("results/.dinsd.owner", R"({"owner": "a", "state_dir": "/state/a", "host": "far"})");
  EXPECT_EQ(RefusalOf({"b", "/state/a"}), StorageFailure::kForeignFile);
  EXPECT_THAT(words_, HasSubstr("that of state_dir /state/a on far; this one is that of state_dir /state/a on "));
}

TEST_F(ResultsClaimTest, AFolderThatWasAwayIsTakenAgainWithItsMarkOnly) {
  ResultsClaim claim(results_, {"a", "/state/a"});
  EXPECT_EQ(claim.Obstacle(), "");
  std::filesystem::rename(results_, folder_.path() / "away");
  EXPECT_THAT(claim.Obstacle(), HasSubstr(results_.string()));
  std::filesystem::create_directory(results_);
  EXPECT_THAT(claim.Obstacle(), HasSubstr("is its disk mounted?"));
  EXPECT_TRUE(std::filesystem::is_empty(results_)) << "nothing is written to what may be another disk";
  std::filesystem::copy(folder_.path() / "away", results_, std::filesystem::copy_options::recursive);
  EXPECT_EQ(claim.Obstacle(), "");
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), StorageFailure::kInUse) << "the lock is held where the folder is now";
}

}  // namespace
}  // namespace dinsd
