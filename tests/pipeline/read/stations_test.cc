#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "pipeline/read/station_image.h"
#include "pipeline/read/study.h"
#include "pipeline/read/study_json.h"
#include "tests/pipeline/read/dicom_maker.h"

// Which series of a study are the stations of one examination, and what they are together.

namespace dinsd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A study of coronal STIR series, each 6 rows of 20 mm high; the n-th has the UID 1.2.3.n.
class StationStudy {
 public:
  // A series whose first row lies at `z`, head to feet from there.
  StationStudy& Add(double z, const DicomEdit& edit = {}, int slices = 8) {
    ++series_;
    const std::string uid = std::string("1.2.3.").append(std::to_string(series_));
    for (int k = 0; k < slices; ++k) {
      const std::string sop = std::string(uid).append(".").append(std::to_string(k));
      made_.Write(std::string(sop).append(".dcm"), MakeSlice(k, [&](DcmDataset& data) {
                    Put(data, DCM_SeriesInstanceUID, uid);
                    Put(data, DCM_SOPInstanceUID, sop);
                    Put(data, DCM_PixelSpacing, "20\\1.5");
                    OFString y;
                    data.findAndGetOFString(DCM_ImagePositionPatient, y, 1);
                    Put(data, DCM_ImagePositionPatient,
                        std::string("-10\\").append(y.c_str()).append("\\").append(std::to_string(z)));
                    if (edit) edit(data);
                  }));
    }
    return *this;
  }

  InspectedStudy Inspect(const std::string& wanted = "") {
    options.wanted_series_uid = wanted;
    return InspectStudy(made_.root(), "study", ListStudyFiles(made_.root()), options);
  }

  // The series of the chosen image, head to feet, or the code of why there is none.
  std::vector<std::string> Choose(const std::string& wanted = "") {
    study = Inspect(wanted);
    if (study.no_choice) return {study.no_choice->code()};
    std::vector<std::string> uids;
    for (const StudyImage* station : StationsOf(ChosenImage(study))) uids.push_back(station->series_uid);
    return uids;
  }

  [[nodiscard]] const std::filesystem::path& root() const { return made_.root(); }

  StudyReadOptions options;
  InspectedStudy study;

 private:
  MadeStudy made_{0};
  int series_ = 0;
};

DicomEdit With(const DcmTagKey& key, const char* value) {
  return [key, value](DcmDataset& data) { Put(data, key, value); };
}

const DicomEdit kComposed = With(DCM_ImageType, "DERIVED\\PRIMARY\\M\\COMPOSED");

TEST(StationStudies, SeriesBelowOneAnotherAreOneImageHeadToFeet) {
  StationStudy study;
  EXPECT_THAT(study.Add(20).Add(180).Add(100).Choose(), ElementsAre("1.2.3.2", "1.2.3.3", "1.2.3.1"));
  const StudyImage& image = ChosenImage(study.study);
  EXPECT_EQ(study.study.images.size(), 1U);
  EXPECT_EQ(image.reason, "taken: 3 stations of one examination");
  EXPECT_EQ(image.stations[1].reason,
            "taken: rule \"coronal STIR or fat-suppressed T2\", station 2 of 3, counted from the head");
  EXPECT_EQ(image.series_uid, "");
  EXPECT_EQ(image.sequence, "stir");
  EXPECT_EQ(image.files.size(), 24U);
  EXPECT_EQ(image.sop_instance_uids.size(), 24U);
  EXPECT_EQ(image.grid.size, (std::array<std::int64_t, 3>{kMadeColumns, 14, 8})) << "6 rows each, 2 in common";
  EXPECT_EQ(image.grid.origin[2], 180);
}

TEST(StationStudies, EachVoxelIsReadFromItsOwner) {
  StationStudy study;
  (void)study.Add(180).Add(100).Choose();
  const StudyImage& image = ChosenImage(study.study);
  const Volume volume = ReadStudyImage(study.root(), image, study.options);
  EXPECT_EQ(volume.grid, image.grid);
  for (int k = 0; k < 8; ++k) {
    for (int j = 0; j < 10; ++j) {
      const int row = j < 5 ? j : j - 4;  // rows 4 and 5 are in common; the seam lies between them
      EXPECT_EQ(volume.voxels[Offset(volume.grid.SizeZyx(), {k, j, 3})], MadePixel(3, row, k)) << j;
    }
  }
}

TEST(StationStudies, StationsInOneSeriesAreStationsToo) {
  StationStudy study;
  const DicomEdit one = With(DCM_SeriesInstanceUID, "1.2.3.77");
  EXPECT_THAT(study.Add(20, one).Add(180, one).Add(100, one).Choose(), ElementsAre("1.2.3.77", "1.2.3.77", "1.2.3.77"));
  EXPECT_EQ(ChosenImage(study.study).series_uid, "1.2.3.77");
  EXPECT_EQ(ChosenImage(study.study).grid.size[1], 14);
}

TEST(StationStudies, TheComposedSeriesAloneIsTaken) {
  StationStudy study;
  EXPECT_THAT(study.Add(180).Add(100).Add(180, kComposed).Choose(), ElementsAre("1.2.3.3"));
  EXPECT_TRUE(ChosenImage(study.study).stations.empty());
  for (const StudyImage& image : study.study.images) {
    if (!image.is_chosen) {
      EXPECT_EQ(image.reason,
                "not taken: rule \"composed coronal STIR or fat-suppressed T2\": it is not composed of stations");
    }
  }
}

TEST(StationStudies, WhatIsNoWholeIsRefusedByName) {
  EXPECT_THAT(StationStudy().Add(180).Add(100, With(DCM_FrameOfReferenceUID, "1.2.3.8")).Choose(),
              ElementsAre("STATION_FRAME"));
  const DicomEdit no_frame = [](DcmDataset& data) { data.findAndDeleteElement(DCM_FrameOfReferenceUID); };
  EXPECT_THAT(StationStudy().Add(180, no_frame).Add(100, no_frame).Choose(), ElementsAre("STATION_FRAME"));
  EXPECT_THAT(StationStudy().Add(180).Add(55).Choose(), ElementsAre("STATION_OVERLAP")) << "5 mm apart";
  EXPECT_THAT(StationStudy().Add(180).Add(60).Choose(), ElementsAre("STATION_OVERLAP")) << "no row in common";
  EXPECT_THAT(StationStudy().Add(180).Add(20).Choose(), ElementsAre("STATION_OVERLAP")) << "one between is missing";
  EXPECT_THAT(StationStudy().Add(180).Add(100, With(DCM_PixelSpacing, "20\\1.6")).Choose(),
              ElementsAre("STATION_MISMATCH"));
  StationStudy study;
  study.options.dicom.min_station_overlap_mm = 50;
  EXPECT_THAT(study.Add(180).Add(100).Choose(), ElementsAre("STATION_OVERLAP")) << "40 mm";
  EXPECT_THAT(study.study.no_choice->sentence(), HasSubstr("overlap by 40 mm, at least 50 mm are needed"));
  EXPECT_THAT(study.study.images[0].reason, HasSubstr("STATION_OVERLAP"));
}

TEST(StationStudies, TwoAtOnePlaceAreNoStations) {
  EXPECT_THAT(StationStudy().Add(180).Add(100).Add(100).Choose(), ElementsAre("SERIES_AMBIGUOUS"));
  EXPECT_THAT(StationStudy().Add(180).Add(180).Choose(), ElementsAre("SERIES_AMBIGUOUS"));
}

TEST(StationStudies, AStationThatWasBrokenOffIsMissedWhereNoOtherTryIs) {
  EXPECT_THAT(StationStudy().Add(180).Add(100).Add(20, {}, 3).Choose(), ElementsAre("TOO_FEW_SLICES"));
  EXPECT_THAT(StationStudy().Add(180).Add(100, {}, 3).Choose(), ElementsAre("TOO_FEW_SLICES"));
  EXPECT_THAT(StationStudy().Add(180).Add(100, {}, 3).Add(100).Choose(), ElementsAre("1.2.3.1", "1.2.3.3"));
}

TEST(StationStudies, WhoNamesOneStationMeansTheExamination) {
  StationStudy study;
  study.Add(180).Add(100).Add(20).Add(100, With(DCM_SeriesDescription, "cor STIR repeated"));
  EXPECT_THAT(study.Choose(), ElementsAre("SERIES_AMBIGUOUS"));
  EXPECT_THAT(study.Choose("1.2.3.2"), ElementsAre("1.2.3.1", "1.2.3.2", "1.2.3.3"));
  EXPECT_THAT(study.Choose("1.2.3.4"), ElementsAre("1.2.3.1", "1.2.3.4", "1.2.3.3"));
  study.options.dicom.join_stations = false;
  EXPECT_THAT(study.Choose("1.2.3.2"), ElementsAre("1.2.3.2"));
  EXPECT_THAT(study.Choose(), ElementsAre("SERIES_AMBIGUOUS"));
}

TEST(StationStudies, AStationOfAnotherFrameIsTold) {
  StationStudy study;
  EXPECT_THAT(study.Add(180).Add(100, With(DCM_FrameOfReferenceUID, "1.2.3.8")).Choose("1.2.3.1"),
              ElementsAre("1.2.3.1"));
  EXPECT_THAT(ChosenImage(study.study).notes, testing::Contains(HasSubstr("other frames of reference")));
}

TEST(StationStudies, AStationBetweenTheVoxelsIsTold) {
  StationStudy study;
  (void)study.Add(180).Add(104).Choose();
  EXPECT_THAT(ChosenImage(study.study).notes,
              testing::Contains(AllOf(HasSubstr("station 2 lies between the voxels"), HasSubstr("4.00 mm"))));
}

TEST(StationStudies, NotesSayWhichStationTheyAreAbout) {
  StationStudy study;
  (void)study.Add(180).Add(100, With(DCM_LossyImageCompression, "01")).Choose();
  EXPECT_THAT(ChosenImage(study.study).notes,
              testing::Contains(AllOf(HasSubstr("compressed with loss"), HasSubstr("(station 2)"))));
}

TEST(StationStudies, GoThroughAMessageAndBack) {
  StationStudy study;
  (void)study.Add(180).Add(100).Choose();
  const nlohmann::json sent = StudyToJson(study.study);
  const InspectedStudy back = StudyFromJson(nlohmann::json::parse(sent.dump()));
  EXPECT_EQ(StudyToJson(back), sent);
  EXPECT_EQ(ReadStudyImage(study.root(), ChosenImage(back), study.options).voxels,
            ReadStudyImage(study.root(), ChosenImage(study.study), study.options).voxels);
  nlohmann::json moved = sent;
  moved["images"][0]["stations"][1]["grid"]["origin"][2] = 60;
  EXPECT_THROW((void)StudyFromJson(moved), std::invalid_argument) << "the grid is not that of these stations";
  nlohmann::json nested = sent;
  nested["images"][0]["stations"][0]["stations"] = sent["images"][0]["stations"];
  EXPECT_THROW((void)StudyFromJson(nested), std::invalid_argument);
  nlohmann::json broken = sent;
  broken["images"][0]["stations"][0]["files"].clear();
  EXPECT_THROW((void)StudyFromJson(broken), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
