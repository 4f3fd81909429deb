#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "daemon/verify/fixture_set.h"
#include "daemon/verify/verification.h"
#include "tests/temp_folder.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

std::vector<std::string> Failed(const std::vector<VerificationRow>& rows) {
  std::vector<std::string> failed;
  for (const VerificationRow& row : rows) {
    if (!row.passes) failed.push_back(row.fixture + ": " + row.quantity + " " + row.note);
  }
  return failed;
}

TEST(VerifyReference, EveryFixtureOfThePublishedImplementationPasses) {
  DINSD_REQUIRE_DATA("dins_reference");
  const auto rows = VerifyReference(*TestData() / "dins_reference");
  EXPECT_GT(rows.size(), 200U);
  EXPECT_THAT(Failed(rows), testing::IsEmpty());
}

// Each constant in which the published network differs from what a reader would guess, broken once.
struct Mutation {
  const char* name;
  void (*apply)(VerificationConstants&);
  const char* fixture;  // one that must notice
};

void PrintTo(const Mutation& mutation, std::ostream* out) {
  *out << mutation.name;
}

class VerifyMutationTest : public testing::TestWithParam<Mutation> {};

TEST_P(VerifyMutationTest, IsNoticed) {
  DINSD_REQUIRE_DATA("dins_reference");
  VerificationConstants constants;
  GetParam().apply(constants);
  const auto failed = Failed(VerifyReference(*TestData() / "dins_reference", constants));
  EXPECT_THAT(failed, testing::Contains(testing::StartsWith(GetParam().fixture)));
}

INSTANTIATE_TEST_SUITE_P(
    Constants, VerifyMutationTest,
    testing::Values(Mutation{"Padding",
                             [](VerificationConstants& c) {
                               c.network.pad_before = 1;
                               c.network.pad_after = 0;
                             },
                             "checkpoint_w4:"},
                    Mutation{"Epsilon", [](VerificationConstants& c) { c.network.epsilon = 1e-5; }, "checkpoint_w4:"},
                    Mutation{"DimPosition", [](VerificationConstants& c) { c.network.add_dim_before_relu = false; },
                             "checkpoint_w4:"},
                    Mutation{"ClickTie", [](VerificationConstants& c) { c.clicks.tie_takes_last = false; }, "clicks:"},
                    Mutation{"Resampling", [](VerificationConstants& c) { c.edge = EdgeRule::kClamp; }, "zoom:"}),
    [](const auto& info) { return info.param.name; });

TEST(VerifyReference, AnUnreadableFolderIsAFailedRow) {
  EXPECT_THAT(Failed(VerifyReference("/nonexistent/fixtures")), testing::SizeIs(1));
}

TEST(VerifyReference, AnEmptyListIsAFailedRow) {
  const TempFolder folder;
  folder.Write("fixtures.json", R"({"schema": "dins-fixtures/1", "fixtures": []})");
  EXPECT_THAT(Failed(VerifyReference(folder.path())), testing::ElementsAre(testing::HasSubstr("empty")));
}

TEST(VerifyReference, AnUnknownKindIsAFailedRow) {
  const TempFolder folder;
  folder.Write("fixtures.json", R"({"schema": "dins-fixtures/1", "fixtures": [{"folder": "x", "kind": "songs"}]})");
  EXPECT_THAT(Failed(VerifyReference(folder.path())), testing::ElementsAre(testing::HasSubstr("songs")));
}

TEST(VerifyReference, ABrokenFixtureIsAFailedRowAndTheOthersGoOn) {
  const TempFolder folder;
  folder.Write("fixtures.json", R"({"schema": "dins-fixtures/1", "fixtures": [
      {"folder": "gone", "kind": "zoom"}, {"folder": "empty", "kind": "zoom"}, 7]})");
  folder.Write("empty/empty.json", R"({"cases": []})");
  EXPECT_THAT(Failed(VerifyReference(folder.path())), testing::SizeIs(3));
}

// Other sets of fixtures name their folders as they like; a JSON then has the name of its kind.
TEST(VerifyReference, FoldersMayHaveAnyName) {
  DINSD_REQUIRE_DATA("dins_reference");
  const std::filesystem::path source = *TestData() / "dins_reference";
  const TempFolder folder;
  std::filesystem::create_directory_symlink(source / "box", folder.path() / "b17");
  std::filesystem::create_directory_symlink(source / "boxloop", folder.path() / "bl17");
  std::filesystem::create_directory_symlink(source / "clicks", folder.path() / "c17");
  std::filesystem::create_directory_symlink(source / "metrics", folder.path() / "m17");
  std::filesystem::create_directory_symlink(source / "checkpoint_w4_trained", folder.path() / "t17");
  folder.Write("fixtures.json", R"({"schema": "dins-fixtures/1", "fixtures": [
      {"folder": "bl17", "kind": "boxloop", "description": "bl17/boxloop.json", "box_folder": "b17",
       "checkpoints": ["t17/bestckpt/bestckpt"]},
      {"folder": "m17", "kind": "metrics", "description": "m17/metrics.json", "pairs_folder": "c17"}]})");
  const auto rows = VerifyReference(folder.path());
  EXPECT_GT(rows.size(), 10U);
  EXPECT_THAT(Failed(rows), testing::IsEmpty());
}

TEST(VerifyReference, ANumberThatIsNoneIsNeverCloseEnough) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& got : {std::vector<float>{nan, 0, 0}, {0, nan, 0}, {0, 0, nan}})
    EXPECT_EQ(WorstDifference(got, {0, 0, 0}, 1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(WorstDifference({1, 2}, {1, 2.5}, 1), 0.2);
}

TEST(VerificationTable, NamesWhatFailed) {
  const std::string table = VerificationTable({{"zoom", "case 1", 0.5, 1e-6, false, "why"}});
  EXPECT_THAT(table, testing::AllOf(testing::HasSubstr("case 1"), testing::HasSubstr("NO"), testing::HasSubstr("why")));
}

}  // namespace
}  // namespace dinsd
