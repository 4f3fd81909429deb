#include "daemon/intake/folder_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <system_error>

#include "daemon/intake/fingerprint.h"
#include "tests/temp_folder.h"
#include "tests/unprivileged.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::filesystem::perms kOpen{0755};

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
  const auto studies = ScanWatchedFolder(watched.path()).studies;
  ASSERT_THAT(Names(studies), ElementsAre("a.nii.gz", "b"));
  EXPECT_THAT(Paths(studies[0]), ElementsAre("a.nii.gz", "a.nii.gz.prompts.json"));
  EXPECT_THAT(Paths(studies[1]), ElementsAre("slices/1.dcm"));
}

TEST(FolderScan, KeepsTheSidecarOfALoneImageApartFromItsNeighbour) {
  TempFolder watched;
  watched.Write("case1.nii", "x");
  watched.Write("case10.nii", "x");
  watched.Write("case10.nii.prompts.json", "{}");
  const auto studies = ScanWatchedFolder(watched.path()).studies;
  ASSERT_EQ(studies.size(), 2U);
  EXPECT_THAT(Paths(studies[0]), ElementsAre("case1.nii"));
  EXPECT_THAT(Paths(studies[1]), ElementsAre("case10.nii", "case10.nii.prompts.json"));
}

TEST(FolderScan, NeverTakesAnotherImageIntoTheStudyOfALoneOne) {
  TempFolder watched;
  for (const char* image : {"pat.nii", "pat.nii.gz", "pat.nii.gz.nrrd"}) {
    watched.Write(image, "x");
    watched.Write(std::string(image) + ".prompts.json", "{}");
  }
  for (const char* other : {"pat.nii.gz.done", "pat.nii.mrk.json", "pat.nii.txt", "pat.nii.old.prompts.json"})
    watched.Write(other, "x");
  const auto studies = ScanWatchedFolder(watched.path()).studies;
  ASSERT_THAT(Names(studies), ElementsAre("pat.nii", "pat.nii.gz", "pat.nii.gz.nrrd"));
  EXPECT_THAT(Paths(studies[0]), ElementsAre("pat.nii", "pat.nii.mrk.json", "pat.nii.prompts.json"));
  EXPECT_THAT(Paths(studies[1]), ElementsAre("pat.nii.gz", "pat.nii.gz.prompts.json"));
  EXPECT_THAT(Paths(studies[2]), ElementsAre("pat.nii.gz.nrrd", "pat.nii.gz.nrrd.prompts.json"));
  EXPECT_FALSE(studies[0].has_done_file);
  EXPECT_TRUE(studies[1].has_done_file);
}

TEST(FolderScan, SeesManifestAndDoneFile) {
  TempFolder watched;
  watched.Write("m/study.json", "{}");
  watched.Write("d/.done", "");
  watched.Write("d/1.dcm", "x");
  const auto studies = ScanWatchedFolder(watched.path()).studies;
  ASSERT_EQ(studies.size(), 2U);
  EXPECT_TRUE(studies[0].has_done_file);
  EXPECT_THAT(Paths(studies[0]), ElementsAre("1.dcm"));
  EXPECT_TRUE(studies[1].has_manifest);
  watched.Write("m2/st/ser/study.json", "{}");
  EXPECT_TRUE(ScanStudy(watched.path(), "m2")->has_manifest);
}

TEST(FolderScan, NamesLinksAndPipesWithoutTakingThem) {
  TempFolder watched;
  watched.Write("secret", "not for the daemon");
  watched.Write("s/1.dcm", "x");
  std::filesystem::create_symlink("../secret", watched.path() / "s/link.dcm");
  std::filesystem::create_hard_link(watched.path() / "secret", watched.path() / "s/hard.dcm");
  ASSERT_EQ(::mkfifo((watched.path() / "s/pipe.dcm").c_str(), 0600), 0);
  const auto studies = ScanWatchedFolder(watched.path()).studies;
  ASSERT_EQ(studies.size(), 1U);
  EXPECT_THAT(Paths(studies[0]), ElementsAre("1.dcm"));
  EXPECT_THAT(studies[0].skipped,
              ElementsAre(SkippedEntry{"hard.dcm", SkipReason::kHardLink}, SkippedEntry{"link.dcm", SkipReason::kLink},
                          SkippedEntry{"pipe.dcm", SkipReason::kSpecial}));
}

TEST(FolderScan, DoesNotFollowALinkedStudyFolder) {
  TempFolder elsewhere;
  elsewhere.Write("1.dcm", "x");
  TempFolder watched;
  std::filesystem::create_directory_symlink(elsewhere.path(), watched.path() / "linked");
  watched.Write("notes.txt", "x");
  const WatchedContents contents = ScanWatchedFolder(watched.path());
  EXPECT_THAT(contents.studies, IsEmpty());
  EXPECT_THAT(contents.not_taken, ElementsAre("linked"));
}

TEST(FolderScan, StopsAtItsLimits) {
  TempFolder watched;
  for (int i = 0; i < 5; ++i) watched.Write("s/" + std::to_string(i) + ".dcm", "x");
  const auto studies = ScanWatchedFolder(watched.path(), {.max_files = 3}).studies;
  ASSERT_EQ(studies.size(), 1U);
  EXPECT_EQ(studies[0].files.size(), 3U);
  EXPECT_THAT(studies[0].skipped, ElementsAre(SkippedEntry{"3.dcm", SkipReason::kTooMany}));
  watched.Write("deep/1/2/3/x.dcm", "x");
  EXPECT_THAT(ScanStudy(watched.path(), "deep", {.max_depth = 2})->skipped,
              ElementsAre(SkippedEntry{"1/2/3/x.dcm", SkipReason::kTooDeep}));
}

TEST(FolderScan, NamesWhatMayNotBeRead) {
  TempFolder watched;
  watched.Write("file/1.dcm", "x");
  watched.Write("folder/a/1.dcm", "x");
  watched.Write("study/1.dcm", "x");
  watched.Write("lone.nii", "x");
  for (const char* path : {"", "file", "folder"}) std::filesystem::permissions(watched.path() / path, kOpen);
  const auto names = [&](const char* study, const char* closed) {
    std::filesystem::permissions(watched.path() / closed, std::filesystem::perms::none);
    std::vector<SkippedEntry> skipped;
    std::string fingerprint;
    {
      const Unprivileged unprivileged;
      const StudySnapshot seen = ScanStudy(watched.path(), study).value();
      skipped = seen.skipped;
      fingerprint = FingerprintOf(seen);
    }
    std::filesystem::permissions(watched.path() / closed, kOpen);
    const Unprivileged unprivileged;
    EXPECT_THAT(ScanStudy(watched.path(), study)->skipped, IsEmpty());
    EXPECT_NE(FingerprintOf(*ScanStudy(watched.path(), study)), fingerprint) << "mending it is a change";
    return skipped;
  };
  EXPECT_THAT(names("file", "file/1.dcm"), ElementsAre(SkippedEntry{"1.dcm", SkipReason::kUnreadable}));
  EXPECT_THAT(names("folder", "folder/a"), ElementsAre(SkippedEntry{"a", SkipReason::kUnreadable}));
  EXPECT_THAT(names("study", "study"), ElementsAre(SkippedEntry{".", SkipReason::kUnreadable}));
  EXPECT_THAT(names("lone.nii", "lone.nii"), ElementsAre(SkippedEntry{"lone.nii", SkipReason::kUnreadable}));
}

std::string UnsafeWords(const StudySnapshot& study) {
  const std::optional<Problem> problem = UnsafeEntry(study);
  return problem ? problem->code + ": " + problem->sentence : "";
}

TEST(UnsafeEntry, IsNamedWithWhatItIs) {
  StudySnapshot study{.name = "s", .skipped = {{"a\n\xFF.dcm", SkipReason::kLink}, {"b", SkipReason::kSpecial}}};
  EXPECT_EQ(UnsafeWords(study), R"(UNSAFE_FILE: "a\n\ufffd.dcm" is a symbolic link; 1 more entries cannot be taken)");
  study.skipped = {{"a", SkipReason::kHardLink}};
  EXPECT_EQ(UnsafeWords(study), R"(UNSAFE_FILE: "a" is a file with several names (hard links))");
  study.skipped = {{"a", SkipReason::kTooDeep}};
  EXPECT_EQ(UnsafeWords(study), R"(LIMIT_EXCEEDED: "a" lies deeper than the 8 folders in folders of a study)");
  study.skipped = {{"a", SkipReason::kTooMany}};
  EXPECT_THAT(UnsafeWords(study), testing::StartsWith("LIMIT_EXCEEDED: \"a\""));
  study.skipped = {{"a", SkipReason::kUnreadable}};
  EXPECT_EQ(UnsafeWords(study), "") << "it waits until somebody mends its permissions";
  study.files = {{.path = "caf\xE9.dcm"}};
  EXPECT_EQ(UnsafeWords(study), "UNSAFE_FILE: the name of this file is no UTF-8: \"caf\\ufffd.dcm\"");
}

TEST(FolderScan, NamesAFolderThatIsNotThere) {
  EXPECT_THROW((void)ScanWatchedFolder("/nonexistent/incoming"), std::system_error);
}

}  // namespace
}  // namespace dinsd
