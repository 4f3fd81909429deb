#include "daemon/intake/folder_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <system_error>

#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Names(const std::vector<StudySnapshot>& studies) {
  std::vector<std::string> names;
  for (const StudySnapshot& study : studies) names.push_back(study.name);
  return names;
}

std::vector<std::string> Paths(const StudySnapshot& study) {
  std::vector<std::string> paths;
  for (const FileStamp& file : study.files) paths.push_back(file.path);
  return paths;
}

TEST(FolderScan, FindsFoldersAndLoneImagesAndNothingElse) {
  TempFolder watched;
  watched.Write("b/slices/1.dcm", "x");
  watched.Write("a.nii.gz", "x");
  watched.Write("a.nii.gz.prompts.json", "{}");
  watched.Write("notes.txt", "x");
  watched.Write(".hidden/1.dcm", "x");
  const auto studies = ScanWatchedFolder(watched.path());
  ASSERT_THAT(Names(studies), ElementsAre("a.nii.gz", "b"));
  EXPECT_THAT(Paths(studies[0]), ElementsAre("a.nii.gz", "a.nii.gz.prompts.json"));
  EXPECT_THAT(Paths(studies[1]), ElementsAre("slices/1.dcm"));
}

TEST(FolderScan, KeepsTheSidecarOfALoneImageApartFromItsNeighbour) {
  TempFolder watched;
  watched.Write("case1.nii", "x");
  watched.Write("case10.nii", "x");
  watched.Write("case10.nii.prompts.json", "{}");
  const auto studies = ScanWatchedFolder(watched.path());
  ASSERT_EQ(studies.size(), 2U);
  EXPECT_THAT(Paths(studies[0]), ElementsAre("case1.nii"));
  EXPECT_THAT(Paths(studies[1]), ElementsAre("case10.nii", "case10.nii.prompts.json"));
}

TEST(FolderScan, SeesManifestAndDoneFile) {
  TempFolder watched;
  watched.Write("m/study.json", "{}");
  watched.Write("d/.done", "");
  watched.Write("d/1.dcm", "x");
  const auto studies = ScanWatchedFolder(watched.path());
  ASSERT_EQ(studies.size(), 2U);
  EXPECT_TRUE(studies[0].has_done_file);
  EXPECT_THAT(Paths(studies[0]), ElementsAre("1.dcm"));
  EXPECT_TRUE(studies[1].has_manifest);
}

TEST(FolderScan, NamesLinksAndPipesWithoutTakingThem) {
  TempFolder watched;
  watched.Write("secret", "not for the daemon");
  watched.Write("s/1.dcm", "x");
  std::filesystem::create_symlink("../secret", watched.path() / "s/link.dcm");
  std::filesystem::create_hard_link(watched.path() / "secret", watched.path() / "s/hard.dcm");
  ASSERT_EQ(::mkfifo((watched.path() / "s/pipe.dcm").c_str(), 0600), 0);
  const auto studies = ScanWatchedFolder(watched.path());
  ASSERT_EQ(studies.size(), 1U);
  EXPECT_THAT(Paths(studies[0]), ElementsAre("1.dcm"));
  EXPECT_THAT(studies[0].skipped, ElementsAre("hard.dcm", "link.dcm", "pipe.dcm"));
}

TEST(FolderScan, DoesNotFollowALinkedStudyFolder) {
  TempFolder elsewhere;
  elsewhere.Write("1.dcm", "x");
  TempFolder watched;
  std::filesystem::create_directory_symlink(elsewhere.path(), watched.path() / "linked");
  EXPECT_THAT(ScanWatchedFolder(watched.path()), IsEmpty());
}

TEST(FolderScan, StopsAtItsLimits) {
  TempFolder watched;
  for (int i = 0; i < 5; ++i) watched.Write("s/" + std::to_string(i) + ".dcm", "x");
  const auto studies = ScanWatchedFolder(watched.path(), {.max_files = 3});
  ASSERT_EQ(studies.size(), 1U);
  EXPECT_EQ(studies[0].files.size(), 3U);
  EXPECT_THAT(studies[0].skipped, ElementsAre("3.dcm"));
}

TEST(FolderScan, NamesAFolderThatIsNotThere) {
  EXPECT_THROW((void)ScanWatchedFolder("/nonexistent/incoming"), std::system_error);
}

}  // namespace
}  // namespace dinsd
