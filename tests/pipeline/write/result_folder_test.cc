#include "pipeline/write/result_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "pipeline/read/label_file.h"
#include "pipeline/write/synced_file.h"
#include "tests/pipeline/segment/test_study.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::UnorderedElementsAre;

StudyResult Segmented(TestStudy& study) {
  study.Bar({10, 2, 10}, {16, 6, 16}).Bar({30, 3, 40}, {34, 5, 44}).Lesion({Plus({12, 3, 12})});
  LoadedModel model = FakeModel();
  return SegmentStudy(study.Request(), model, {});
}

const ReportContext kContext{.job_id = "17", .revision = 2, .created = "2026-01-02T03:04:05Z", .software = "test 1"};

std::string Content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void Rewrite(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

class ResultFolderTest : public testing::Test {
 protected:
  ResultFolderTest() : result(Segmented(study)) {}

  StagedResult Write() { return WriteResultFolder(folder.path(), result, result.volume, kContext, "key-1"); }

  TestStudy study;
  StudyResult result;
  TempFolder folder;
};

TEST_F(ResultFolderTest, HoldsEveryFileAndListsIt) {
  const StagedResult staged = Write();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(names, UnorderedElementsAre("mask.nii.gz", "unprompted.nii.gz", "report.html", "report.json",
                                          "lesions.csv", "prompts.json", "provenance.json", "result.json"));
  EXPECT_EQ(staged.sha256_by_file.size(), 7U);
  const auto json = nlohmann::json::parse(Content(folder.path() / "result.json"));
  EXPECT_EQ(json.at("jobKey"), "key-1");
  EXPECT_EQ(json.at("revision"), 2);
  for (const auto& [name, sha256] : staged.sha256_by_file) {
    EXPECT_EQ(json.at("files").at(name).at("sha256"), sha256);
    EXPECT_EQ(json.at("files").at(name).at("bytes"), std::filesystem::file_size(folder.path() / name));
    EXPECT_GT(std::filesystem::file_size(folder.path() / name), 0U) << name;
  }
}

TEST_F(ResultFolderTest, OfAnImportedMaskNothingElseWasLookedFor) {
  result.imported.emplace();
  const StagedResult staged = Write();
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "unprompted.nii.gz"));
  EXPECT_FALSE(staged.sha256_by_file.contains("unprompted.nii.gz"));
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), staged.result_sha256);
}

TEST_F(ResultFolderTest, WritesTheMasksOnTheGridOfTheImage) {
  (void)Write();
  EXPECT_EQ(ReadLabelFile(folder.path() / "mask.nii.gz").labels, result.mask.labels);
  EXPECT_EQ(ReadLabelFile(folder.path() / "unprompted.nii.gz").labels, result.unprompted.labels);
}

TEST_F(ResultFolderTest, EchoesThePromptsSoThatTheyReadBack) {
  (void)Write();
  const std::string text = Content(folder.path() / "prompts.json");
  const Prompts prompts = ParsePrompts(std::as_bytes(std::span(text)), "prompts.json");
  EXPECT_EQ(PromptsToJson(prompts), PromptsToJson(result.prompts.prompts));
}

TEST_F(ResultFolderTest, IsVerifiedByItsDigests) {
  const StagedResult staged = Write();
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), staged.result_sha256);
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key-2"), "");
}

TEST_F(ResultFolderTest, NoticesOneFlippedBitInAnyFile) {
  (void)Write();
  TestRandom random(23);
  for (const char* name : {"mask.nii.gz", "unprompted.nii.gz", "report.html", "report.json", "lesions.csv",
                           "prompts.json", "provenance.json"}) {
    const std::string whole = Content(folder.path() / name);
    for (int n = 0; n < 5; ++n) {
      std::string broken = whole;
      broken[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(whole.size())))] ^=
          static_cast<char>(1 << random.Below(8));
      Rewrite(folder.path() / name, broken);
      EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), "") << name;
    }
    Rewrite(folder.path() / name, whole.substr(1));
    EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), "") << name << " cut";
    std::filesystem::remove(folder.path() / name);
    EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), "") << name << " missing";
    Rewrite(folder.path() / name, whole);
    EXPECT_NE(VerifyResultFolder(folder.path(), "key-1"), "") << name << " restored";
  }
}

TEST_F(ResultFolderTest, DoesNotTakeJustAnyJsonForAResult) {
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), "") << "an empty folder";
  EXPECT_EQ(VerifyResultFolder(folder.path() / "absent", "key-1"), "");
  (void)Write();
  const auto good = nlohmann::json::parse(Content(folder.path() / "result.json"));
  const auto is_refused = [&](const nlohmann::json& changed) {
    Rewrite(folder.path() / "result.json", changed.dump());
    return VerifyResultFolder(folder.path(), "key-1").empty();
  };
  EXPECT_FALSE(is_refused(good));
  for (const char* without : {"mask.nii.gz", "report.html", "prompts.json"}) {
    auto changed = good;
    changed["files"].erase(without);
    EXPECT_TRUE(is_refused(changed)) << "without " << without;
  }
  auto outside = good;
  outside["files"]["../escape"] = outside["files"]["mask.nii.gz"];
  EXPECT_TRUE(is_refused(outside));
  auto other = good;
  other["schema"] = "dinsd-result/2";
  EXPECT_TRUE(is_refused(other));
  Rewrite(folder.path() / "result.json", "{\"schema\": ");
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), "");
}

TEST_F(ResultFolderTest, RefusesMasksThatDoNotBelongToTheImage) {
  StudyResult moved = result;
  moved.mask.grid.origin[0] += 1;
  EXPECT_THROW((void)WriteResultFolder(folder.path(), moved, result.volume, kContext, "k"), std::runtime_error);
  StudyResult unknown = result;
  unknown.mask.labels[5] = 2;
  EXPECT_THROW((void)WriteResultFolder(folder.path(), unknown, result.volume, kContext, "k"), std::runtime_error);
  StudyResult cut = result;
  cut.unprompted.labels.pop_back();
  EXPECT_THROW((void)WriteResultFolder(folder.path(), cut, result.volume, kContext, "k"), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(ResultFolderTest, NeverWritesOverAResult) {
  const StagedResult staged = Write();
  EXPECT_THROW((void)Write(), std::runtime_error);
  EXPECT_EQ(VerifyResultFolder(folder.path(), "key-1"), staged.result_sha256);
}

TEST(SyncedFile, GivesAFolderItsNameOnlyOnce) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "a");
  std::filesystem::create_directory(folder.path() / "b");
  WriteSynced(folder.path() / "a" / "x", "one");
  RenameFolderOnce(folder.path() / "a", folder.path() / "c");
  EXPECT_EQ(Content(folder.path() / "c" / "x"), "one");
  EXPECT_THROW(RenameFolderOnce(folder.path() / "b", folder.path() / "c"), std::system_error);
  EXPECT_THROW(WriteSynced(folder.path() / "c" / "x", "two"), std::system_error);
  EXPECT_EQ(Content(folder.path() / "c" / "x"), "one");
}

}  // namespace
}  // namespace dinsd
