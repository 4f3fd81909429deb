#include "daemon/receiver/spool.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <thread>

#include "daemon/messages/conflict_mark.h"
#include "pipeline/read/digest.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

const std::string kMr = UID_MRImageStorage;
const std::string kExplicit = UID_LittleEndianExplicitTransferSyntax;

std::string Bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    settings_.spool_dir = folder_.path() / "spool";
    settings_.least_free_bytes = 0;
  }

  StoreStatus Keep(const std::string& data_set, const ObjectNames& names) {
    Spool spool(settings_);
    PartFile part(spool.parts(), settings_.max_object_bytes, [&] { return spool.HasRoom(); });
    part.WriteHead(FileMetaOf(names));
    part.Write(data_set);
    return spool.Keep(part, names);
  }

  StoreStatus KeepSlice(int k, const DicomEdit& edit = {}) {
    return Keep(MadeDataSet(k, edit), {kMr, MadeInstance(k), kExplicit});
  }

  std::vector<fs::path> Files(const fs::path& below = "") {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(settings_.spool_dir / below)) {
      if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  std::vector<fs::path> Marks() {
    std::vector<fs::path> marks;
    for (const fs::path& file : Files()) {
      if (file.filename() == kConflictMark) marks.push_back(file);
    }
    return marks;
  }

  TempFolder folder_{FastFolder()};
  ReceiverSettings settings_;
};

TEST_F(SpoolTest, KeepsTheDataSetByteForByteUnderNamesOfItsOwn) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  const std::vector<fs::path> files = Files();
  ASSERT_EQ(files.size(), 1U);
  const std::string bytes = Bytes(files[0]);
  EXPECT_EQ(DataSetOf(bytes), MadeDataSet(0));
  EXPECT_EQ(bytes.substr(0, 128), std::string(128, '\0'));
  EXPECT_THAT(files[0].lexically_relative(settings_.spool_dir).string(),
              testing::MatchesRegex("[0-9a-f]{32}/[0-9a-f]{32}/[0-9a-f]{32}-[0-9a-f]{32}.dcm"));
  const std::string data_set = DataSetOf(bytes);
  EXPECT_EQ(files[0].stem().string().substr(33), Sha256Hex(std::as_bytes(std::span(data_set))).substr(0, 32));
  DcmFileFormat file;
  ASSERT_TRUE(file.loadFile(files[0].c_str()).good());
  OFString uid;
  file.getMetaInfo()->findAndGetOFString(DCM_MediaStorageSOPInstanceUID, uid);
  EXPECT_EQ(uid, "1.2.3.4.1");
}

TEST_F(SpoolTest, ItsGroupMayAddClicksAndOthersReadNothing) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  struct stat status {};
  ASSERT_EQ(::stat(Files()[0].c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  ASSERT_EQ(::stat(Files()[0].parent_path().parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 02770U);
}

TEST_F(SpoolTest, TheSameObjectTwiceIsOneFile) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  EXPECT_EQ(Files().size(), 1U);
}

TEST_F(SpoolTest, AnInstanceWithOtherPixelsIsKeptBesideTheFirst) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(0, WithOtherPixels()), StoreStatus::kSuccess);
  const std::vector<fs::path> files = Files();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].parent_path(), files[1].parent_path());
}

TEST_F(SpoolTest, TwoPatientsOfOneStudyNeverShareAFolder) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(1, WithText(DCM_PatientID, "P2")), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(2, WithText(DCM_IssuerOfPatientID, "elsewhere")), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(3), StoreStatus::kSuccess);
  std::map<fs::path, int> per_patient;
  std::set<fs::path> studies;
  for (const fs::path& file : Files()) {
    ++per_patient[file.parent_path()];
    studies.insert(file.parent_path().parent_path());
  }
  EXPECT_EQ(per_patient.size(), 3U);
  EXPECT_EQ(studies.size(), 1U) << "where a reader meets them all, and sees the conflict";
}

TEST_F(SpoolTest, AnotherStudyHasAnotherFolder) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(1, WithText(DCM_StudyInstanceUID, "1.2.4")), StoreStatus::kSuccess);
  EXPECT_NE(Files()[0].parent_path().parent_path(), Files()[1].parent_path().parent_path());
}

TEST_F(SpoolTest, AnInstanceThatComesInASecondStudyMarksBoth) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(1), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(0, WithText(DCM_StudyInstanceUID, "1.2.4")), StoreStatus::kSuccess) << "it is kept all the same";
  const std::vector<fs::path> marks = Marks();
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_NE(marks[0].parent_path(), marks[1].parent_path());
  for (const fs::path& mark : marks) EXPECT_THAT(Bytes(mark), testing::HasSubstr("came in another study too: "));
  EXPECT_THAT(Bytes(marks[0]), testing::HasSubstr(marks[1].parent_path().filename().string() + "/"));
}

TEST_F(SpoolTest, WhatComesAgainInItsOwnStudyIsNoConflictOfStudies) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  ASSERT_EQ(KeepSlice(0, WithOtherPixels()), StoreStatus::kSuccess) << "which a reader sees";
  EXPECT_TRUE(Marks().empty());
}

TEST_F(SpoolTest, AStudyThatWasRemovedLongAgoIsInNobodysWay) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  fs::remove_all(Files()[0].parent_path().parent_path());
  for (const auto& link : fs::directory_iterator(settings_.spool_dir / ".instances")) {
    const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, link.path().c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }
  ASSERT_EQ(KeepSlice(0, WithText(DCM_StudyInstanceUID, "1.2.4")), StoreStatus::kSuccess);
  EXPECT_TRUE(Marks().empty());
}

TEST_F(SpoolTest, AnswersByCause) {
  const std::string sound = MadeDataSet(0);
  EXPECT_EQ(Keep(sound, {kMr, "1.2.3.4.2", kExplicit}), StoreStatus::kMismatch) << "another instance";
  EXPECT_EQ(Keep(sound, {UID_SegmentationStorage, "1.2.3.4.1", kExplicit}), StoreStatus::kMismatch) << "another class";
  EXPECT_EQ(Keep(sound.substr(0, sound.size() - 1), {kMr, "1.2.3.4.1", kExplicit}), StoreStatus::kNotUnderstood);
  EXPECT_EQ(Keep("", {kMr, "1.2.3.4.1", kExplicit}), StoreStatus::kNotUnderstood);
  EXPECT_EQ(Keep(sound, {kMr, "1.2.3.4.1", UID_LittleEndianImplicitTransferSyntax}), StoreStatus::kNotUnderstood);
  std::string evil = MadeDataSet(0, WithText(DCM_StudyInstanceUID, "1.2.345"));
  evil.replace(evil.find("1.2.345"), 7, "../evil");
  EXPECT_EQ(Keep(evil, {kMr, "1.2.3.4.1", kExplicit}), StoreStatus::kNotUnderstood);
  EXPECT_EQ(Files().size(), 0U);
}

TEST_F(SpoolTest, AnObjectBeyondTheLimitFindsNoRoom) {
  settings_.max_object_bytes = MadeDataSet(0).size();  // and a file meta before it
  EXPECT_EQ(KeepSlice(0), StoreStatus::kNoRoom);
  EXPECT_EQ(Files().size(), 0U);
}

TEST_F(SpoolTest, AStudyHasNoMoreObjectsThanItMay) {
  settings_.max_objects = 2;
  EXPECT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  EXPECT_EQ(KeepSlice(1), StoreStatus::kSuccess);
  EXPECT_EQ(KeepSlice(2), StoreStatus::kNoRoom);
  EXPECT_EQ(KeepSlice(2, WithText(DCM_StudyInstanceUID, "1.2.4")), StoreStatus::kSuccess);
}

TEST_F(SpoolTest, AFullDiskTakesNothing) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  settings_.least_free_bytes = std::uint64_t{1} << 60U;
  EXPECT_EQ(KeepSlice(1), StoreStatus::kNoRoom);
  EXPECT_EQ(Files().size(), 1U);
}

TEST_F(SpoolTest, ADiskThatFillsUpOnTheWayGivesItsRoomBack) {
  Spool spool(settings_);
  bool has_room = true;
  PartFile part(spool.parts(), settings_.max_object_bytes, [&] { return has_room; });
  const std::vector<std::byte> piece(std::size_t{8} << 20U);
  part.Write(piece);
  part.Write(piece);
  has_room = false;
  part.Write(piece);
  EXPECT_EQ(part.fault(), PartFile::Fault::kNoRoom);
  EXPECT_EQ(spool.Keep(part, {kMr, "1.2.3.4.1", kExplicit}), StoreStatus::kNoRoom);
  EXPECT_EQ(fs::file_size(Files(".parts")[0]), 0U);
}

TEST_F(SpoolTest, RemovesWhatACrashedReceiverLeftAndNothingElse) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  folder_.Write("spool/.parts/0123/4567.part", "cut off");
  Spool running(settings_);
  PartFile arriving(running.parts(), 1000, [] { return true; });
  EXPECT_FALSE(fs::exists(settings_.spool_dir / ".parts/0123"));
  const Spool next(settings_);
  EXPECT_EQ(Files(".parts").size(), 1U) << "of the one that runs";
  EXPECT_EQ(Files().size(), 2U);
}

TEST_F(SpoolTest, AStudyIsNotRemovedUnderAnObjectThatIsBeingKept) {
  ASSERT_EQ(KeepSlice(0), StoreStatus::kSuccess);
  const fs::path study = Files()[0].parent_path().parent_path();
  const UniqueFd folder(::open(study.c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(folder.get(), LOCK_EX | LOCK_NB), 0) << "as one who removes it does";
  std::atomic<bool> is_kept = false;
  std::jthread keeper([&] {
    EXPECT_EQ(KeepSlice(1), StoreStatus::kSuccess);
    is_kept = true;
  });
  while (Files(".parts").empty() && !is_kept) std::this_thread::yield();  // it is arriving
  fs::rename(study, settings_.spool_dir / ".going");
  EXPECT_FALSE(is_kept);
  ::flock(folder.get(), LOCK_UN);
  keeper.join();
  EXPECT_EQ(Files(study.filename()).size(), 1U) << "in a folder of its own, not in the one that goes";
  EXPECT_EQ(Files(".going").size(), 1U);
}

TEST_F(SpoolTest, AStudyFolderThatAPersonRemovedIsMadeAgain) {
  Spool spool(settings_);
  const auto keep = [&](int k) {
    const ObjectNames names{kMr, MadeInstance(k), kExplicit};
    PartFile part(spool.parts(), settings_.max_object_bytes, [] { return true; });
    part.WriteHead(FileMetaOf(names));
    part.Write(MadeDataSet(k));
    return spool.Keep(part, names);
  };
  ASSERT_EQ(keep(0), StoreStatus::kSuccess);
  fs::remove_all(Files()[0].parent_path().parent_path());
  EXPECT_EQ(keep(1), StoreStatus::kSuccess);
  EXPECT_EQ(Files().size(), 1U);
}

}  // namespace
}  // namespace dinsd
