#include "daemon/evaluate/evaluate_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

#include "daemon/evaluate/file_text.h"
#include "daemon/evaluate/for_each_parallel.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/random.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::ElementsAre;

class EvaluateFoldersTest : public testing::Test {
 protected:
  EvaluateFoldersTest() {
    std::filesystem::create_directories(pair.predictions);
    std::filesystem::create_directories(pair.truths);
  }

  static LabelMap RandomLabels(TestRandom& random) {
    LabelMap map;
    map.grid.size = {9, 8, 5};
    map.grid.spacing = {0.9, 1.1, 4};
    for (int i = 0; i < 9 * 8 * 5; ++i) map.labels.push_back(random.Below(100) < 30 ? 1 : 0);
    return map;
  }

  void WriteCases(int count) const {
    TestRandom random(31);
    for (int i = 0; i < count; ++i) {
      const std::string file = "case" + std::to_string(i) + ".nii.gz";
      WriteNifti(pair.predictions / file, RandomLabels(random));
      WriteNifti(pair.truths / file, RandomLabels(random));
    }
  }

  TempFolder folder;
  FolderPair pair{folder.path() / "predictions", folder.path() / "truths", folder.path() / "rows"};
};

TEST_F(EvaluateFoldersTest, GivesTheSameBytesForEveryNumberOfThreads) {
  WriteCases(7);
  const Evaluation one = EvaluateFolders(pair, {}, 1);
  std::filesystem::remove_all(pair.rows);
  const Evaluation many = EvaluateFolders(pair, {}, 5);
  EXPECT_EQ(EvaluationJson(one), EvaluationJson(many));
  EXPECT_EQ(EvaluationCsv(one), EvaluationCsv(many));
  EXPECT_EQ(EvaluationHtml(one), EvaluationHtml(many));
}

TEST_F(EvaluateFoldersTest, NamesWhatIsMissingAndGoesOn) {
  WriteCases(3);
  std::filesystem::remove(pair.predictions / "case0.nii.gz");
  std::filesystem::remove(pair.truths / "case1.nii.gz");
  const Evaluation evaluation = EvaluateFolders(pair, {}, 2);
  std::vector<std::string> codes;
  for (const CaseRow& row : evaluation.rows) codes.push_back(row.error_code);
  EXPECT_THAT(codes, ElementsAre("MISSING_PREDICTION", "MISSING_TRUTH", ""));
}

TEST_F(EvaluateFoldersTest, NamesWhatCannotBeComparedAndGoesOn) {
  WriteCases(3);
  TestRandom random(32);
  LabelMap moved = RandomLabels(random);
  moved.grid.origin[0] += 1;
  std::filesystem::remove(pair.predictions / "case0.nii.gz");
  WriteNifti(pair.predictions / "case0.nii.gz", moved);
  std::ofstream(pair.truths / "case1.nii.gz") << "no image";
  std::filesystem::create_symlink("nowhere", pair.truths / "case9.nii.gz");
  WriteNifti(pair.predictions / "case9.nii.gz", RandomLabels(random));
  const Evaluation evaluation = EvaluateFolders(pair, {}, 2);
  ASSERT_EQ(evaluation.rows.size(), 4U);
  EXPECT_EQ(evaluation.rows[0].error_code, "GRID_MISMATCH");
  EXPECT_FALSE(evaluation.rows[1].IsOk());
  EXPECT_TRUE(evaluation.rows[2].IsOk());
  EXPECT_EQ(evaluation.rows[3].error_code, "VOLUME_UNREADABLE");
}

TEST_F(EvaluateFoldersTest, TakesAKeptRowOnlyForTheSameFilesAndOptions) {
  WriteCases(1);
  const std::filesystem::path kept = pair.rows / "case0.json";
  const double dsc = *EvaluateFolders(pair, {}, 1).rows[0].values[0];
  // A value that no pair of masks has: where it comes out, the row was taken.
  std::string text = FileText(kept);
  const std::size_t at = text.find("\"dsc\": ");
  text.replace(at, text.find(',', at) - at, "\"dsc\": 0.125");
  std::ofstream(kept) << text;
  EXPECT_EQ(EvaluateFolders(pair, {}, 1).rows[0].values[0], 0.125);
  EvaluateOptions other;
  other.surface_erosion = Connectivity::k6;
  EXPECT_EQ(EvaluateFolders(pair, other, 1).rows[0].values[0], dsc);
  std::ofstream(kept) << text;
  TestRandom random(33);
  std::filesystem::remove(pair.truths / "case0.nii.gz");
  WriteNifti(pair.truths / "case0.nii.gz", RandomLabels(random));
  EXPECT_NE(EvaluateFolders(pair, {}, 1).rows[0].values[0], 0.125);
  std::ofstream(kept) << "{ broken";
  EXPECT_TRUE(EvaluateFolders(pair, {}, 1).rows[0].IsOk());
}

TEST_F(EvaluateFoldersTest, RefusesFoldersWithoutCases) {
  EXPECT_THROW((void)EvaluateFolders(pair, {}, 1), std::runtime_error);
  std::filesystem::remove(pair.truths);
  EXPECT_THROW((void)EvaluateFolders(pair, {}, 1), std::runtime_error);
}

TEST(ForEachParallel, CallsEachOnceAndPassesTheFirstErrorOn) {
  std::vector<std::atomic<int>> calls(50);
  ForEachParallel(calls.size(), 4, [&](std::size_t at) { ++calls[at]; });
  for (const auto& count : calls) EXPECT_EQ(count, 1);
  ForEachParallel(0, 4, [&](std::size_t) { FAIL(); });
  try {
    ForEachParallel(10, 3, [](std::size_t at) { throw std::runtime_error(std::to_string(at)); });
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "0");
  }
}

}  // namespace
}  // namespace dinsd
