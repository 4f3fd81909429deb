#include "daemon/publish/results_claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "storage/storage_error.h"
#include "tests/temp_folder.h"

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

TEST_F(ResultsClaimTest, AMarkThatCannotBeUnderstoodIsNobodys) {
  folder_.Write("results/.dinsd.owner", "{\"owner\": ");
  EXPECT_EQ(RefusalOf({"a", "/state/a"}), StorageFailure::kForeignFile);
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
