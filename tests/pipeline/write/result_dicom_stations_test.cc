#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/station_image.h"
#include "pipeline/write/check_result_dicom.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_dicom.h"
#include "pipeline/write/result_seg.h"
#include "tests/pipeline/write/made_stations.h"
#include "tests/pipeline/write/valid_objects.h"

// The DICOM objects of an examination in stations: a segmentation and a structure set of each, one report of all.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const ReportContext kContext{.job_id = "17", .created = "2026-01-02T03:04:05Z", .software = "dinsd test"};

std::string Content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A made result and its objects.
class Written {
 public:
  explicit Written(MadeStations& made, const DicomOutputOptions& options = {})
      : series(made.Output(options).value().series),
        names(WriteResultDicom(folder_.path(), {series, options}, kContext, "key", made.result)) {}

  [[nodiscard]] std::filesystem::path Path(const std::string& name) const { return folder_.path() / "dicom" / name; }

  [[nodiscard]] std::vector<std::byte> Bytes(const std::string& name) const {
    return ReadFileBytes(folder_.path() / "dicom", name, 1 << 30);
  }

  [[nodiscard]] DicomSeg Seg(int station) const {
    return ReadDicomSeg(Bytes("seg-station-" + std::to_string(station) + ".dcm"), "seg.dcm");
  }

  [[nodiscard]] SrMeasurements Sr() const { return ReadMeasurements(Bytes("sr.dcm"), "sr.dcm"); }

  std::vector<SourceSeries> series;

 private:
  TempFolder folder_;

 public:
  std::vector<std::string> names;
};

TEST(ResultDicomOfStations, EachStationHasItsPartOfTheMask) {
  for (const bool in_one_series : {false, true}) {
    MadeStations made(17, 3, true, in_one_series);
    const Written written(made);
    EXPECT_THAT(written.names, ElementsAre("dicom/rtstruct-station-1.dcm", "dicom/rtstruct-station-2.dcm",
                                           "dicom/rtstruct-station-3.dcm", "dicom/seg-station-1.dcm",
                                           "dicom/seg-station-2.dcm", "dicom/seg-station-3.dcm", "dicom/sr.dcm"));
    std::set<std::string> uids;
    for (std::size_t s = 0; s < 3; ++s) {
      const std::string number = std::to_string(s + 1);
      const DicomSeg seg = written.Seg(static_cast<int>(s + 1));
      EXPECT_EQ(LabelsOnGrid(seg, TargetOf(written.series[s])).labels, made.result.station_masks[s].labels) << number;
      uids.insert(seg.sop_instance_uid);
      const RtStructReading regions =
          RtStructToMask(written.Bytes("rtstruct-station-" + number + ".dcm"), "rtstruct.dcm", written.series[s]);
      EXPECT_EQ(regions.mask.labels, made.result.station_masks[s].labels) << number;
      EXPECT_THAT(regions.notes, IsEmpty());
    }
    EXPECT_THAT(uids, SizeIs(3));
    EXPECT_THAT(made.result.warnings, IsEmpty());
  }
}

TEST(ResultDicomOfStations, ALesionOnASeamIsOneGroupWithOneVolumeAndBothSegments) {
  MadeStations made(6, 3, true);
  const Written written(made);
  const SrMeasurements sr = written.Sr();
  ASSERT_THAT(sr.groups, SizeIs(8)) << "seven lesions, one of them empty, and the total";
  std::map<std::string, SrGroup> by_lesion;
  for (const SrGroup& group : sr.groups) by_lesion[group.tracking_id] = group;
  double sum = 0;
  for (std::size_t n = 0; n < 7; ++n) {
    const SrGroup& group = by_lesion.at(made.result.lesions[n].id);
    ASSERT_THAT(group.numbers, SizeIs(1));
    EXPECT_EQ(group.numbers[0].value, made.result.lesions[n].volume_ml);
    sum += group.numbers[0].value;
    const std::vector<std::size_t>& stations = made.result.lesions[n].stations;
    ASSERT_THAT(stations, SizeIs(n == 6 ? 0 : n % 3 == 0 ? 2 : 1));
    ASSERT_THAT(group.segments, SizeIs(stations.size()));
    for (std::size_t i = 0; i < stations.size(); ++i) {
      const DicomSeg seg = written.Seg(static_cast<int>(stations[i] + 1));
      EXPECT_EQ(group.segments[i].sop_instance_uid, seg.sop_instance_uid);
      const SegSegment& segment = seg.segments.at(static_cast<std::size_t>(group.segments[i].number) - 1);
      EXPECT_EQ(segment.tracking_uid, group.tracking_uid) << "one tracking, whichever station";
      EXPECT_EQ(segment.tracking_id, group.tracking_id);
      EXPECT_EQ(segment.label, n + 1);
    }
  }
  EXPECT_DOUBLE_EQ(sum, made.result.total_ml);
  EXPECT_EQ(sr.groups[7].numbers.at(0).value, made.result.total_ml);
}

TEST(ResultDicomOfStations, TheReportNamesEveryImageOfEveryStation) {
  MadeStations made(2, 2);
  const Written written(made, {.secondary_capture = true});
  for (const char* name : {"sr.dcm", "sc.dcm"}) {
    const std::string bytes = Content(written.Path(name));
    for (const SourceSeries& series : written.series) {
      for (const SourceSlice& slice : series.slices) EXPECT_THAT(bytes, HasSubstr(slice.sop_instance_uid)) << name;
    }
  }
}

TEST(ResultDicomOfStations, AStationWithoutAVoxelHasNone) {
  MadeStations made(1, 3);
  EXPECT_THAT(Written(made).names, ElementsAre("dicom/rtstruct-station-1.dcm", "dicom/rtstruct-station-2.dcm",
                                               "dicom/seg-station-1.dcm", "dicom/seg-station-2.dcm", "dicom/sr.dcm"));
  MadeStations empty(0, 2, true);
  EXPECT_THAT(Written(empty).names, ElementsAre("dicom/sr.dcm"));
}

TEST(ResultDicomOfStations, ManyLesionsAreDividedStationByStation) {
  MadeStations made(12, 2);
  const Written written(made, {.rtstruct = false, .max_segments = 5});
  EXPECT_THAT(written.names, ElementsAre("dicom/seg-station-1-1.dcm", "dicom/seg-station-1-2.dcm",
                                         "dicom/seg-station-2-1.dcm", "dicom/seg-station-2-2.dcm", "dicom/sr.dcm"));
  for (const SrGroup& group : written.Sr().groups) {
    for (const SrSegment& segment : group.segments) EXPECT_LE(segment.number, 5);
  }
}

TEST(ResultDicomOfStations, TheSameResultHasTheSameBytes) {
  MadeStations made(4, 2);
  const Written first(made, {.secondary_capture = true}), second(made, {.secondary_capture = true});
  ASSERT_EQ(first.names, second.names);
  for (const std::string& name : first.names) {
    const std::string file = std::filesystem::path(name).filename();
    EXPECT_EQ(Content(first.Path(file)), Content(second.Path(file))) << name;
  }
}

// What one series of a study has written lies in the place of another's.
class CheckStationsTest : public testing::Test {
 protected:
  CheckStationsTest() : written(made) {
    const std::vector<SegLesion> lesions = TrackedLesionsOf(made.result, written.series[0]);
    for (std::size_t s = 0; s < 2; ++s) {
      const std::string number = std::to_string(s + 1);
      const std::string file = "seg-station-" + number + ".dcm";
      const DicomSeg seg = written.Seg(static_cast<int>(s + 1));
      WrittenSeg one{.file = file, .sop_instance_uid = seg.sop_instance_uid};
      for (const SegSegment& segment : seg.segments) one.labels.push_back(static_cast<std::uint16_t>(segment.label));
      files.series.push_back({written.series[s].series_uid, {one}, "rtstruct-station-" + number + ".dcm"});
    }
    files.sr = "sr.dcm";
  }

  void Check() { CheckResultDicom(written.Path(""), files, written.series, made.result, {}); }

  MadeStations made{6, 2};
  Written written;
  DicomFiles files;
};

TEST_F(CheckStationsTest, PassesWhatWasWritten) {
  EXPECT_NO_THROW(Check());
}

TEST_F(CheckStationsTest, NoticesWhatLiesInAnotherStation) {
  std::swap(files.series[0].segs, files.series[1].segs);
  EXPECT_THROW(Check(), ReadBackError);
  std::swap(files.series[0].segs, files.series[1].segs);
  std::swap(files.series[0].rtstruct, files.series[1].rtstruct);
  EXPECT_THROW(Check(), ReadBackError);
}

TEST_F(CheckStationsTest, NoticesAStationWithoutItsObject) {
  const std::string rtstruct = std::exchange(files.series[1].rtstruct, "");
  EXPECT_THROW(Check(), ReadBackError);
  files.series[1].rtstruct = rtstruct;
  files.sr.clear();  // which would name its segments
  files.series[1].segs.clear();
  EXPECT_THROW(Check(), ReadBackError);
}

TEST_F(CheckStationsTest, NoticesAVoxelOfOneStation) {
  std::vector<std::uint16_t>& labels = made.result.station_masks[1].labels;
  labels.front() = labels.front() == 1 ? 2 : 1;
  EXPECT_THROW(Check(), ReadBackError);
}

class StationsValidity : public testing::TestWithParam<std::pair<int, bool>> {};

TEST_P(StationsValidity, HasNoErrorsAndFitsItsStudy) {
  if (!HasValidators()) GTEST_SKIP() << kNoValidators;
  const auto [lesions, in_one_series] = GetParam();
  MadeStations made(lesions, 3, true, in_one_series, PutStudyOfAValidSeries);
  const Written written(made, {.secondary_capture = true});
  std::vector<std::filesystem::path> objects;
  for (const std::string& name : written.names) objects.push_back(written.Path(std::filesystem::path(name).filename()));
  ExpectValid(objects, made.root(), made.result.image.files);
}

INSTANTIATE_TEST_SUITE_P(Lesions, StationsValidity,
                         testing::Values(std::pair{1, false}, std::pair{17, true}, std::pair{300, false}));

}  // namespace
}  // namespace dinsd
