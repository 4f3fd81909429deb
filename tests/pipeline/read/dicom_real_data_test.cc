#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/volume_file.h"
#include "tests/pipeline/read/same_voxels.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::filesystem::path DicomFolder(const char* name) {
  return *TestData() / "dicom" / name;
}

DicomStudy Inspect(const std::filesystem::path& folder, const DicomReadOptions& options = {}) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(folder));
  }
  return InspectDicomStudy(files, folder, options, {});
}

std::vector<const DicomSeries*> Described(const DicomStudy& study, const std::string& description) {
  std::vector<const DicomSeries*> found;
  for (const DicomSeries& series : study.series) {
    if (series.description == description) found.push_back(&series);
  }
  return found;
}

struct Expected {
  const char* description;
  std::size_t volumes;
  std::int64_t columns, rows, slices;
  double spacing;
};

TEST(DicomRealData, ProstatexGivesEachOfItsVolumes) {
  DINSD_REQUIRE_DATA("dicom/prostatex_0000");
  const DicomStudy study = Inspect(DicomFolder("prostatex_0000"));
  EXPECT_FALSE(study.error);
  const std::vector<Expected> expected = {{"t2_tse_sag", 1, 320, 320, 19, 3.6},
                                          {"t2_tse_tra", 1, 384, 384, 19, 3},
                                          {"t2_tse_cor", 1, 320, 320, 15, 3},
                                          {"ep2d_diff_tra_DYNDIST", 3, 84, 128, 19, 3},
                                          {"ep2d_diff_tra_DYNDIST_ADC", 1, 84, 128, 19, 3},
                                          {"ep2d_diff_tra_DYNDISTCALC_BVAL", 1, 84, 128, 19, 3},
                                          {"tfl_3d PD ref_tra_1.5x1.5_t3", 1, 128, 128, 16, 3}};
  EXPECT_EQ(study.series.size(), 9);
  for (const Expected& row : expected) {
    const auto found = Described(study, row.description);
    ASSERT_EQ(found.size(), row.volumes) << row.description;
    for (const DicomSeries* series : found) {
      EXPECT_FALSE(series->error) << series->error->what();
      EXPECT_THAT(series->grid.size, ElementsAre(row.columns, row.rows, row.slices)) << row.description;
      EXPECT_NEAR(series->grid.spacing[2], row.spacing, 1e-3) << row.description;
    }
  }
  EXPECT_NEAR(Described(study, "t2_tse_cor")[0]->grid.direction[5], 0.95, 0.01);
  EXPECT_THAT(Described(study, "t2_tse_sag")[0]->notes, testing::Contains(HasSubstr("3 mm thick are 3.6 mm apart")));
}

TEST(DicomRealData, ASeriesWithAMissingSliceIsRefusedByName) {
  DINSD_REQUIRE_DATA("dicom/prostatex_0000_missing_slice");
  DicomStudy study = Inspect(DicomFolder("prostatex_0000_missing_slice"));
  ASSERT_EQ(study.series.size(), 1);
  ASSERT_TRUE(study.series[0].error);
  EXPECT_EQ(study.series[0].error->code(), "MISSING_SLICE");
  EXPECT_THAT(study.series[0].error->what(), HasSubstr("a gap of 6 mm among gaps of 3 mm"));
  ChooseSeries(study, "", {});
  EXPECT_EQ(study.choice_error.value().code(), "MISSING_SLICE");
  EXPECT_THROW((void)ReadDicomSeries(study.series[0], DicomFolder("prostatex_0000_missing_slice"), {}), InputError);
}

TEST(DicomRealData, AMovedTableGivesSeriesInTheirOwnPlaces) {
  DINSD_REQUIRE_DATA("dicom/table_moved");
  const DicomStudy study = Inspect(DicomFolder("table_moved"));
  EXPECT_FALSE(study.error);
  ASSERT_EQ(study.series.size(), 15);  // three series of five timepoints
  std::map<std::string, std::vector<double>> first_slices;
  for (const DicomSeries& series : study.series) {
    EXPECT_FALSE(series.error) << series.error->what();
    EXPECT_EQ(series.grid.size[2], 10);
    EXPECT_THAT(series.part, HasSubstr("temporal position"));
    first_slices[series.series_uid].push_back(series.grid.origin[2]);
  }
  EXPECT_THAT(first_slices["1.2.840.113619.2.495.10795885.11654451.28276.1722525931.243"],
              testing::Each(DoubleNear(-11.1, 0.1)));
  EXPECT_THAT(first_slices["1.2.840.113619.2.495.10795885.11654451.28276.1722525931.246"],
              testing::Each(DoubleNear(-21.1, 0.1)));
}

TEST(DicomRealData, TransferSyntaxesDecodeToTheSamePixels) {
  DINSD_REQUIRE_DATA("dicom/transfer_syntaxes");
  const auto folder = DicomFolder("transfer_syntaxes/In");
  const auto decode = [&](int number) {
    const std::string file = std::to_string(number) + ".dcm";
    DicomReadOptions options;
    options.jpeg_2000 = number == 9;
    return DecodePixels(ReadFileBytes(folder, file, 1U << 30), file, std::array{0}, {}, options);
  };
  const std::vector<float> first = decode(1);
  EXPECT_EQ(first.size(), 384 * 384);
  EXPECT_GT(std::accumulate(first.begin(), first.end(), 0.0), 0);
  for (int number = 2; number <= 9; ++number) EXPECT_EQ(decode(number), first) << number;
  try {
    (void)DecodePixels(ReadFileBytes(folder, "9.dcm", 1U << 30), "9.dcm", std::array{0}, {});
    FAIL() << "JPEG 2000 is off unless it is asked for";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "UNDECODABLE");
    EXPECT_THAT(error.what(), HasSubstr("JPEG 2000"));
  }
}

TEST(DicomRealData, SarcomaStudyIsTakenForItsOnlySeriesAndDecodes) {
  DINSD_REQUIRE_DATA("dicom/sts_008");
  const auto folder = DicomFolder("sts_008");
  DicomStudy study = Inspect(folder);
  EXPECT_FALSE(study.error);
  ASSERT_EQ(study.series.size(), 1);
  ChooseSeries(study, "", {});
  ASSERT_TRUE(study.series[0].is_chosen);
  EXPECT_EQ(study.series[0].sequence, "t1");
  EXPECT_THAT(study.series[0].reason, HasSubstr("only image series"));
  const Volume volume = ReadDicomSeries(study.series[0], folder, {});
  EXPECT_THAT(volume.grid.size, ElementsAre(77, 79, 28));
  EXPECT_NEAR(volume.grid.spacing[2], 3.27, 1e-3);
  const auto as_nifti = *TestData() / "sts_mr" / "images" / "STS_008.nii.gz";
  if (std::filesystem::exists(as_nifti)) {
    const Volume same = ReadVolumeFile(as_nifti);
    EXPECT_EQ(same.voxels, volume.voxels);
    EXPECT_THAT(same.grid.origin, testing::Pointwise(testing::DoubleNear(1e-4), volume.grid.origin));
    EXPECT_THAT(same.grid.direction, testing::Pointwise(testing::DoubleNear(1e-4), volume.grid.direction));
    EXPECT_THAT(same.grid.spacing, testing::Pointwise(testing::DoubleNear(1e-4), volume.grid.spacing));
  }
  DicomReadOptions strict;
  strict.take_only_series = false;
  ChooseSeries(study, "", strict);
  EXPECT_EQ(study.choice_error.value().code(), "SERIES_NOT_FOUND");
  ChooseSeries(study, study.series[0].series_uid, strict);
  EXPECT_TRUE(study.series[0].is_chosen);
}

TEST(DicomRealData, EnhancedMultiFrameIsWhatTheExpectedNiftiSays) {
  DINSD_REQUIRE_DATA("dicom/enhanced_mr");
  const auto folder = DicomFolder("enhanced_mr");
  const DicomStudy study = Inspect(folder);
  ASSERT_EQ(study.series.size(), 4);
  const std::vector<std::byte> nifti = ReadFileBytes(folder, "Siemens_REST1_w_SMS_PF7-8_6.nii", 1U << 30);
  for (std::size_t t = 0; t < 4; ++t) {
    const DicomSeries& series = study.series[t];
    ASSERT_FALSE(series.error) << series.error->what();
    EXPECT_EQ(series.part, "acquisition " + std::to_string(t + 1));
    const Volume volume = ReadDicomSeries(series, folder, {});
    ASSERT_THAT(volume.grid.size, ElementsAre(64, 64, 6));
    const auto agreement = Compare(volume, VolumeOf(nifti, t));
    ASSERT_TRUE(agreement) << t;
    EXPECT_LT(agreement->farthest_mm, 1e-3);
    EXPECT_EQ(agreement->largest_change, 0);
  }
}

}  // namespace
}  // namespace dinsd
