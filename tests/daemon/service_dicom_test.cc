#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/dicom_measurements.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/result_folder.h"
#include "tests/daemon/test_daemon.h"

// The real daemon on a phantom's DICOM series: what lies in its result.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

class ServiceDicomTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    phantom = new TempFolder;
    WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 3}), phantom->path(),
                 PhantomFormat::kNiftiAndDicom);
  }
  static void TearDownTestSuite() {
    delete phantom;
    phantom = nullptr;
  }

  void Drop() const {
    fs::copy(phantom->path() / "dicom", daemon.Path(".one"), fs::copy_options::recursive);
    fs::rename(daemon.Path(".one"), daemon.Path("incoming/one"));
  }

  [[nodiscard]] fs::path Result() const {
    return daemon.Path("results/" + daemon.JobOf("one").at("job").dump() + "/r1");
  }

  // The series that the result was made from.
  [[nodiscard]] static SourceSeries Series() {
    const fs::path root = phantom->path() / "dicom";
    const InspectedStudy study = InspectStudy(root, "one", ListStudyFiles(root), {});
    return ReadSourceSeries(root, ChosenImage(study));
  }

  inline static TempFolder* phantom = nullptr;
  TestDaemon daemon;
};

TEST_F(ServiceDicomTest, AResultHasSegmentationReportAndStructureSetOfItsMask) {
  Drop();
  daemon.Start();
  daemon.WaitForState("one", "done");
  const nlohmann::json row = daemon.JobOf("one").at("results").at(0);
  EXPECT_EQ(VerifyResultFolder(Result(), row.at("key")), row.at("sha256"));
  const LabelMap mask = ReadLabelFile(Result() / "mask.nii.gz");
  const SourceSeries series = Series();

  const DicomSeg seg = ReadDicomSeg(ReadFileBytes(Result(), "dicom/seg.dcm", 1 << 30), "seg.dcm");
  EXPECT_EQ(seg.study_uid, series.study_uid);
  EXPECT_EQ(LabelsOnGrid(seg, TargetOf(series)).labels, mask.labels);
  const RtStructReading rtstruct =
      RtStructToMask(ReadFileBytes(Result(), "dicom/rtstruct.dcm", 1 << 30), "rtstruct.dcm", series);
  EXPECT_EQ(rtstruct.mask.labels, mask.labels);

  const SrMeasurements sr = ReadMeasurements(ReadFileBytes(Result(), "dicom/sr.dcm", 1 << 30), "sr.dcm");
  const auto report = nlohmann::json::parse(ReadText(Result() / "report.json"));
  ASSERT_EQ(sr.groups.size(), report.at("lesions").size() + 1);
  EXPECT_EQ(sr.groups.back().numbers.at(0).value, report.at("totals").at("volume_ml").get<double>());
  std::map<std::string, double> by_lesion;
  for (const SrGroup& group : sr.groups) by_lesion[group.tracking_id] = group.numbers.at(0).value;
  for (const auto& lesion : report.at("lesions"))
    EXPECT_EQ(by_lesion.at(lesion.at("tracking_id")), lesion.at("volume_ml").get<double>());
}

TEST_F(ServiceDicomTest, WhichObjectsThereAreIsConfigured) {
  daemon.more_settings = "[publish]\nrtstruct = false\nsr = false\nsecondary_capture = true\n";
  Drop();
  daemon.Start();
  daemon.WaitForState("one", "done");
  EXPECT_TRUE(fs::exists(Result() / "dicom/seg.dcm"));
  EXPECT_TRUE(fs::exists(Result() / "dicom/sc.dcm"));
  EXPECT_FALSE(fs::exists(Result() / "dicom/rtstruct.dcm"));
  EXPECT_FALSE(fs::exists(Result() / "dicom/sr.dcm"));
}

// Other objects or codes are another result: a study that is looked at again gets its next revision, and keeps the
// first.
TEST_F(ServiceDicomTest, AChangeOfWhatIsPublishedMakesTheNextRevision) {
  daemon.more_settings = "[publish]\nrtstruct = false\n";
  Drop();
  daemon.Start();
  daemon.WaitForState("one", "done");
  const fs::path first = Result(), second = first.parent_path() / "r2";
  const auto look_again = [&](const char* settings, const std::function<bool()>& is_over) {
    daemon.Send(SIGTERM);
    EXPECT_EQ(daemon.WaitForEnd(), 0);
    daemon.more_settings = settings;
    daemon.Start();
    for (const auto& entry : fs::directory_iterator(daemon.Path("incoming/one")))  // it may have changed
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now());
    daemon.WaitUntil("what was asked for is done", is_over);
    daemon.WaitForState("one", "done");
  };
  look_again("[publish]\nrtstruct = false\n",
             [&] { return daemon.Log().find("unchanged: published before") != std::string::npos; });
  EXPECT_FALSE(fs::exists(second));
  look_again("[publish]\nrtstruct = false\nfinding = \"4147007 SCT Mass\"\n",
             [&] { return fs::exists(second / "result.json"); });
  const auto sr = [](const fs::path& result) {
    return ReadMeasurements(ReadFileBytes(result, "dicom/sr.dcm", 1 << 30), "sr.dcm");
  };
  EXPECT_EQ(sr(first).groups.at(0).finding, "404029005");
  EXPECT_EQ(sr(second).groups.at(0).finding, "4147007");
  EXPECT_NE(sr(first).sop_instance_uid, sr(second).sop_instance_uid);
}

TEST_F(ServiceDicomTest, WithoutAnyThereIsNoFolder) {
  daemon.more_settings = "[publish]\nseg = false\nrtstruct = false\nsr = false\n";
  Drop();
  daemon.Start();
  daemon.WaitForState("one", "done");
  EXPECT_TRUE(fs::exists(Result() / "mask.nii.gz"));
  EXPECT_FALSE(fs::exists(Result() / "dicom"));
}

TEST_F(ServiceDicomTest, WhatDoesNotReadBackIsNotPublished) {
  daemon.more_settings = "error_budget = 2\n";
  Drop();
  daemon.Start("worker:read-back:one");
  daemon.WaitForState("one", "failed");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "READ_BACK_DIFFERS");
  EXPECT_FALSE(fs::exists(Result()));
  EXPECT_TRUE(fs::is_empty(daemon.Path("results/.staging")));
}

}  // namespace
}  // namespace dinsd
