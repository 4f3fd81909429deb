#include "pipeline/read/dicom_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "pipeline/read/dicom_study.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

using SliceEdit = std::function<void(DcmDataset&, int)>;

void PutPosition(DcmDataset& data, double x, double y, double z) {
  Put(data, DCM_ImagePositionPatient, std::to_string(x) + "\\" + std::to_string(y) + "\\" + std::to_string(z));
}

DicomStudy Inspect(const MadeStudy& study, const DicomReadOptions& options = {}) {
  return InspectDicomStudy(study.files(), study.root(), options, {});
}

// The codes of all volumes of a study, "ok" for a usable one.
std::vector<std::string> Codes(const DicomStudy& study) {
  std::vector<std::string> codes;
  if (study.error) codes.push_back("study: " + study.error->code());
  for (const DicomSeries& series : study.series) codes.push_back(series.error ? series.error->code() : "ok");
  return codes;
}

std::vector<std::string> CodesOf(const SliceEdit& edit, int count = 8, const DicomReadOptions& options = {}) {
  return Codes(Inspect(MadeStudy(count, edit), options));
}

// An edit of slice `k` alone.
SliceEdit OfSlice(int k, const DicomEdit& edit) {
  return [=](DcmDataset& data, int slice) {
    if (slice == k) edit(data);
  };
}

TEST(DicomSeries, BecomesAGridInLps) {
  const MadeStudy made;
  const DicomStudy study = Inspect(made);
  ASSERT_THAT(Codes(study), ElementsAre("ok"));
  const DicomSeries& series = study.series[0];
  EXPECT_THAT(series.grid.size, ElementsAre(kMadeColumns, kMadeRows, 8));
  EXPECT_THAT(series.grid.spacing, ElementsAre(1.5, 2, 10));
  EXPECT_THAT(series.grid.origin, ElementsAre(-10, -50, 100));
  EXPECT_THAT(series.grid.direction, ElementsAre(1, 0, 0, 0, 0, 1, 0, -1, 0));
  EXPECT_EQ(series.series_uid, "1.2.3.4");
  EXPECT_EQ(series.part, "");
  EXPECT_THAT(study.identity.study_date, "2024-02-03");
  EXPECT_EQ(study.identity.age_years, 34);
  const Volume volume = ReadDicomSeries(series, made.root(), {});
  for (int k = 0; k < 8; ++k) EXPECT_EQ(volume.voxels[(k * kMadeRows + 2) * kMadeColumns + 5], MadePixel(5, 2, k));
}

TEST(DicomSeries, DoesNotDependOnNamesAndOrderOfFiles) {
  const MadeStudy reversed(8, [](DcmDataset& data, int k) {
    PutPosition(data, -10, -50 + 10 * (7 - k), 100);
    Put(data, DCM_InstanceNumber, std::to_string(k * 13 % 8));
  });
  const DicomStudy study = Inspect(reversed);
  ASSERT_THAT(Codes(study), ElementsAre("ok"));
  EXPECT_THAT(study.series[0].grid.origin, ElementsAre(-10, -50, 100));
  EXPECT_EQ(study.series[0].instances.front().file, "slice7.dcm");
  EXPECT_EQ(ReadDicomSeries(study.series[0], reversed.root(), {}).voxels[0], MadePixel(0, 0, 7));
}

TEST(DicomSeries, RescaleMayDifferFromSliceToSlice) {
  const MadeStudy made(8, [](DcmDataset& data, int k) { Put(data, DCM_RescaleSlope, std::to_string(k + 1)); });
  const DicomStudy study = Inspect(made);
  const Volume volume = ReadDicomSeries(study.series.at(0), made.root(), {});
  EXPECT_EQ(volume.voxels[3 * kMadeRows * kMadeColumns + 1], 4 * MadePixel(1, 0, 3));
}

TEST(DicomSeries, WarnsWhereSpacingBetweenSlicesSaysSomethingElse) {
  const auto notes = [](const std::string& stated) {
    const MadeStudy made(8, [&](DcmDataset& data, int) { Put(data, DCM_SpacingBetweenSlices, stated); });
    const DicomStudy study = Inspect(made);
    EXPECT_THAT(Codes(study), ElementsAre("ok"));
    EXPECT_EQ(study.series[0].grid.spacing[2], 10);
    return study.series[0].notes;
  };
  const auto warning = HasSubstr("geometry_warning: SpacingBetweenSlices");
  EXPECT_THAT(notes("8"), Contains(warning));
  EXPECT_THAT(notes("10.05"), testing::Not(Contains(warning)));
  EXPECT_THAT(notes("-10"), testing::Not(Contains(warning))) << "its sign is about the order of acquisition";
}

TEST(DicomSeries, SaysInWhatASliceDiffersThatLeavesAGap) {
  const MadeStudy made(9, OfSlice(4, [](DcmDataset& data) { Put(data, DCM_PixelSpacing, "3\\3"); }));
  const DicomStudy study = Inspect(made);
  const auto gap = std::find_if(study.series.begin(), study.series.end(),
                                [](const DicomSeries& s) { return s.error && s.error->code() == "MISSING_SLICE"; });
  ASSERT_NE(gap, study.series.end());
  EXPECT_THAT(gap->error->sentence(), HasSubstr("other images of the series stand apart: row spacing 3.0000"));
}

TEST(DicomSeries, WithoutGeometryIsRefused) {
  for (const DcmTagKey& key : {DCM_ImagePositionPatient, DCM_ImageOrientationPatient, DCM_PixelSpacing}) {
    EXPECT_THAT(CodesOf([&](DcmDataset& data, int) { data.findAndDeleteElement(key); }), ElementsAre("NO_GEOMETRY"));
    EXPECT_THAT(CodesOf(OfSlice(4, [&](DcmDataset& data) { data.findAndDeleteElement(key); })),
                ElementsAre("NO_GEOMETRY"));
  }
  for (const char* orientation :
       {"1\\0\\0\\0\\0", "1\\0\\0\\1\\0\\0", "2\\0\\0\\0\\0\\-1", "0\\0\\0\\0\\0\\0", "1\\0\\0\\0\\0\\x"}) {
    EXPECT_THAT(CodesOf([&](DcmDataset& data, int) { Put(data, DCM_ImageOrientationPatient, orientation); }),
                ElementsAre("NO_GEOMETRY"))
        << orientation;
  }
  EXPECT_THAT(CodesOf(OfSlice(2, [](DcmDataset& data) { Put(data, DCM_PixelSpacing, "0\\1"); })),
              ElementsAre("NO_GEOMETRY"));
  EXPECT_THAT(CodesOf(OfSlice(2, [](DcmDataset& data) { Put(data, DCM_ImagePositionPatient, "1e9\\0\\0"); })),
              ElementsAre("NO_GEOMETRY"));
}

TEST(DicomSeries, OfColourIsRefused) {
  const DicomEdit rgb = [](DcmDataset& data) {
    PutNumber(data, DCM_SamplesPerPixel, 3);
    Put(data, DCM_PhotometricInterpretation, "RGB");
  };
  EXPECT_THAT(CodesOf([&](DcmDataset& data, int) { rgb(data); }), ElementsAre("NOT_MONOCHROME"));
  EXPECT_THAT(CodesOf(OfSlice(7, rgb)), ElementsAre("NOT_MONOCHROME"));
}

TEST(DicomSeries, OfSeveralOrientationsIsRefused) {
  const DicomEdit axial = [](DcmDataset& data) { Put(data, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0"); };
  EXPECT_THAT(CodesOf(OfSlice(3, axial)), ElementsAre("MIXED_ORIENTATION"));
  EXPECT_THAT(CodesOf([&](DcmDataset& data, int k) {
                if (k >= 4) axial(data);
              }),
              ElementsAre("MIXED_ORIENTATION"));
  EXPECT_THAT(
      CodesOf(OfSlice(3, [](DcmDataset& data) { Put(data, DCM_ImageOrientationPatient, "1\\0\\0\\0\\0.00005\\-1"); })),
      ElementsAre("ok"))
      << "rounding";
}

TEST(DicomSeries, WithAMissingSliceIsRefused) {
  for (const int missing : {1, 3, 6}) {
    MadeStudy made;
    made.Remove("slice" + std::to_string(missing) + ".dcm");
    const DicomStudy study = Inspect(made);
    ASSERT_THAT(Codes(study), ElementsAre("MISSING_SLICE"));
    EXPECT_EQ(study.series[0].error->file(), "slice" + std::to_string(missing + 1) + ".dcm");
    EXPECT_THAT(study.series[0].error->what(), HasSubstr("a gap of 20 mm among gaps of 10 mm: 1 missing"));
  }
  MadeStudy three(12);
  for (const char* file : {"slice4.dcm", "slice5.dcm", "slice6.dcm"}) three.Remove(file);
  EXPECT_THAT(Inspect(three).series.at(0).error.value().what(), HasSubstr("3 missing"));
}

TEST(DicomSeries, IsNeverShorterBecauseOneSliceDiffers) {
  const std::vector<DicomEdit> edits = {
      [](DcmDataset& data) { Put(data, DCM_EchoTime, "61"); },
      [](DcmDataset& data) { Put(data, DCM_ImageType, "ORIGINAL\\PRIMARY\\P"); },
      [](DcmDataset& data) { Put(data, DCM_FrameOfReferenceUID, "1.2.3.8"); },
      [](DcmDataset& data) { Put(data, DCM_PixelSpacing, "2\\1.6"); },
      [](DcmDataset& data) { PutPosition(data, 30, 20, 100); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const auto codes = CodesOf(OfSlice(7, edits[i]));  // the last: no hole would show
    EXPECT_THAT(codes, testing::UnorderedElementsAre("MISSING_SLICE", "TOO_FEW_SLICES")) << i;
  }
}

TEST(DicomSeries, MayNumberItsSlicesByAcquisition) {
  EXPECT_THAT(CodesOf([](DcmDataset& data, int k) { Put(data, DCM_AcquisitionNumber, std::to_string(k / 3)); }),
              ElementsAre("ok"));
}

TEST(DicomSeries, WithUnevenSpacingIsRefused) {
  EXPECT_THAT(CodesOf(OfSlice(7, [](DcmDataset& data) { PutPosition(data, -10, 20.3, 100); })),
              ElementsAre("VARIABLE_SPACING"));
  EXPECT_THAT(CodesOf(OfSlice(3, [](DcmDataset& data) { PutPosition(data, -10, -22, 100); })),
              ElementsAre("VARIABLE_SPACING"));
  EXPECT_THAT(CodesOf(OfSlice(7, [](DcmDataset& data) { PutPosition(data, -10, 27, 100); })),
              ElementsAre("VARIABLE_SPACING"));
  EXPECT_THAT(CodesOf(OfSlice(7, [](DcmDataset& data) { PutPosition(data, -10, 20.05, 100); })), ElementsAre("ok"));
}

TEST(DicomSeries, WithUnevenSpacingMayBeEvenedOut) {
  const MadeStudy made(8, OfSlice(3, [](DcmDataset& data) { PutPosition(data, -10, -22, 100); }));
  DicomReadOptions options;
  options.variable_spacing = GeometryPolicy::kInterpolate;
  const DicomStudy study = Inspect(made, options);
  ASSERT_THAT(Codes(study), ElementsAre("ok"));
  EXPECT_THAT(study.series[0].notes, Contains(HasSubstr("geometry_warning: VARIABLE_SPACING")));
  EXPECT_EQ(study.series[0].grid.spacing[2], 10);
  const Volume volume = ReadDicomSeries(study.series[0], made.root(), {});
  const auto at = [&](int k) { return volume.voxels[static_cast<std::size_t>(k * kMadeRows * kMadeColumns)]; };
  EXPECT_NEAR(at(2), 200, 1e-4);
  EXPECT_NEAR(at(3), 300 + 100 * 2.0 / 12, 1e-3) << "2 mm past the slice at 28 mm, towards the one at 40";
  EXPECT_NEAR(at(4), 400, 1e-4);
  options.variable_spacing = GeometryPolicy::kProcessAnyway;
  const DicomStudy kept = Inspect(made, options);
  EXPECT_EQ(ReadDicomSeries(kept.series.at(0), made.root(), {}).voxels[3 * kMadeRows * kMadeColumns], 300);
}

TEST(DicomSeries, WithAHoleIsNeverEvenedOut) {
  DicomReadOptions options;
  options.variable_spacing = GeometryPolicy::kInterpolate;
  EXPECT_THAT(CodesOf(OfSlice(7, [](DcmDataset& data) { PutPosition(data, -10, 27, 100); }), 8, options),
              ElementsAre("VARIABLE_SPACING"));
  options.variable_spacing = GeometryPolicy::kFail;
  options.missing_slice = GeometryPolicy::kProcessAnyway;
  EXPECT_THROW((void)CodesOf({}, 8, options), std::invalid_argument);
}

TEST(DicomSeries, ThatIsShearedIsRefused) {
  const SliceEdit sheared = [](DcmDataset& data, int k) { PutPosition(data, -10 + 3 * k, -50 + 10 * k, 100); };
  EXPECT_THAT(CodesOf(sheared), ElementsAre("SHEARED"));
  EXPECT_THAT(CodesOf(OfSlice(5, [](DcmDataset& data) { PutPosition(data, -10, 0, 103); })), ElementsAre("SHEARED"));
  EXPECT_THAT(CodesOf([](DcmDataset& data, int k) { PutPosition(data, -10 + 0.03 * k, -50 + 10 * k, 100); }),
              ElementsAre("SHEARED"));
  EXPECT_THAT(CodesOf([](DcmDataset& data, int k) { PutPosition(data, -10 + 0.005 * k, -50 + 10 * k, 100); }),
              ElementsAre("ok"));
  DicomReadOptions options;
  options.sheared = GeometryPolicy::kProcessAnyway;
  EXPECT_THAT(CodesOf(sheared, 8, options), ElementsAre("ok"));
}

TEST(DicomSeries, WithTooFewSlicesIsRefused) {
  EXPECT_THAT(CodesOf({}, 5), ElementsAre("TOO_FEW_SLICES"));
  EXPECT_THAT(CodesOf({}, 1), ElementsAre("TOO_FEW_SLICES"));
  EXPECT_THAT(CodesOf({}, 6), ElementsAre("ok"));
}

TEST(DicomSeries, WithSpacingOutOfRangeIsRefused) {
  const auto spaced = [](double mm) {
    return [mm](DcmDataset& data, int k) { PutPosition(data, -10, -50 + mm * k, 100); };
  };
  EXPECT_THAT(CodesOf(spaced(1)), ElementsAre("SPACING_OUT_OF_RANGE"));
  EXPECT_THAT(CodesOf(spaced(15.5)), ElementsAre("SPACING_OUT_OF_RANGE"));
  EXPECT_THAT(CodesOf(spaced(2)), ElementsAre("ok"));
  EXPECT_THAT(CodesOf(spaced(15)), ElementsAre("ok"));
  DicomReadOptions options;
  options.spacing_out_of_range = GeometryPolicy::kProcessAnyway;
  EXPECT_THAT(CodesOf(spaced(1), 8, options), ElementsAre("ok"));
}

TEST(DicomSeries, OfAnotherModalityIsRefused) {
  EXPECT_THAT(CodesOf([](DcmDataset& data, int) { Put(data, DCM_Modality, "CT"); }), ElementsAre("WRONG_MODALITY"));
  EXPECT_THAT(CodesOf(OfSlice(2, [](DcmDataset& data) { Put(data, DCM_SOPClassUID, UID_CTImageStorage); })),
              ElementsAre("WRONG_MODALITY"));
}

TEST(DicomSeries, WithTwoSlicesAtOnePlaceIsRefused) {
  EXPECT_THAT(CodesOf(OfSlice(5, [](DcmDataset& data) { PutPosition(data, -10, -10, 100); })),
              ElementsAre("DUPLICATE_POSITION"));
  const SliceEdit twice = [](DcmDataset& data, int k) { PutPosition(data, -10, -50 + 10 * (k / 2), 100); };
  EXPECT_THAT(CodesOf(twice, 16), ElementsAre("DUPLICATE_POSITION"));
  DicomReadOptions options;
  options.duplicate_position = GeometryPolicy::kProcessAnyway;
  const DicomStudy study = Inspect(MadeStudy(16, twice), options);
  ASSERT_THAT(Codes(study), ElementsAre("ok"));
  EXPECT_EQ(study.series[0].instances.size(), 8);
  EXPECT_THAT(study.series[0].notes, Contains(HasSubstr("DUPLICATE_POSITION")));
}

TEST(DicomSeries, IsDividedByWhatTellsRepeatedPositionsApart) {
  const std::vector<std::pair<DcmTagKey, const char*>> keys = {{DCM_AcquisitionNumber, "acquisition"},
                                                               {DCM_TemporalPositionIdentifier, "temporal position"},
                                                               {DCM_StackID, "stack"},
                                                               {DCM_SequenceName, "sequence name"},
                                                               {DCM_EchoTime, "echo time"}};
  for (const auto& [key, name] : keys) {
    const DicomStudy study = Inspect(MadeStudy(16, [&](DcmDataset& data, int k) {
      PutPosition(data, -10, -50 + 10 * (k / 2), 100);
      Put(data, key, std::to_string(k % 2 + 1));
    }));
    ASSERT_THAT(Codes(study), ElementsAre("ok", "ok")) << name;
    EXPECT_THAT(study.series[0].part, HasSubstr(std::string(name) + " 1")) << name;
    EXPECT_THAT(study.series[1].part, HasSubstr(std::string(name) + " 2")) << name;
  }
  EXPECT_THAT(CodesOf(
                  [](DcmDataset& data, int k) {
                    PutPosition(data, -10, -50 + 10 * (k / 2), 100);
                    data.putAndInsertFloat64(DCM_DiffusionBValue, k % 2 == 0 ? 50 : 800);
                  },
                  16),
              ElementsAre("ok", "ok"));
}

TEST(DicomSeries, IsDividedIntoStationsFromHeadToFeet) {
  const MadeStudy made(
      16, [](DcmDataset& data, int k) { PutPosition(data, -10, -50 + 10 * (k / 2), k % 2 == 0 ? -350 : 100); });
  const DicomStudy study = Inspect(made);
  ASSERT_THAT(Codes(study), ElementsAre("ok", "ok"));
  EXPECT_EQ(study.series[0].part, "station 1 of 2");
  EXPECT_EQ(study.series[0].grid.origin[2], 100);
  EXPECT_EQ(study.series[1].grid.origin[2], -350);
  EXPECT_THAT(study.series[0].grid.spacing, ElementsAre(1.5, 2, 10));
}

TEST(DicomSeries, WithOneSopTwiceUnderOtherHeadersIsRefused) {
  MadeStudy made;
  made.Write("again.dcm", MakeSlice(3, [](DcmDataset& data) { Put(data, DCM_StudyTime, "1200"); }));
  EXPECT_THAT(Codes(Inspect(made)), ElementsAre("DUPLICATE_SOP"));
  DicomReadOptions options;
  options.duplicate_sop = GeometryPolicy::kProcessAnyway;
  const DicomStudy study = Inspect(made, options);
  ASSERT_THAT(Codes(study), ElementsAre("ok"));
  EXPECT_THAT(study.series[0].notes, Contains(HasSubstr("DUPLICATE_SOP")));

  MadeStudy other_syntax;
  other_syntax.Write("again.dcm", MakeSlice(3, {}, EXS_LittleEndianImplicit));
  EXPECT_THAT(Codes(Inspect(other_syntax)), ElementsAre("DUPLICATE_SOP"));
}

TEST(DicomSeries, IgnoresExactCopies) {
  MadeStudy made;
  made.Write("copy.dcm", MakeSlice(3));
  const DicomStudy study = Inspect(made);
  EXPECT_THAT(Codes(study), ElementsAre("ok"));
  EXPECT_EQ(study.series[0].instances.size(), 8);
}

TEST(DicomSeries, WithPixelsThatCannotBeDecodedIsRefused) {
  EXPECT_THAT(CodesOf(OfSlice(2, [](DcmDataset& data) { PutNumber(data, DCM_Rows, 60); })), ElementsAre("UNDECODABLE"));
  EXPECT_THAT(CodesOf(OfSlice(2, [](DcmDataset& data) { data.findAndDeleteElement(DCM_PixelData); })),
              ElementsAre("UNDECODABLE"));
}

TEST(DicomSeries, SaysWhenItsHeadersPromiseMoreSlices) {
  const DicomStudy study =
      Inspect(MadeStudy(8, [](DcmDataset& data, int) { Put(data, DCM_ImagesInAcquisition, "9"); }));
  ASSERT_THAT(Codes(study), ElementsAre("ok"));
  EXPECT_THAT(study.series[0].notes, Contains(HasSubstr("the headers state 9 images, 8 are there")));
  EXPECT_THAT(Inspect(MadeStudy(8)).series.at(0).notes, testing::IsEmpty());
}

TEST(DicomSeries, HasALimitOnVoxels) {
  const MadeStudy made;
  ReadLimits limits;
  limits.max_voxels = 8 * kMadeRows * kMadeColumns - 1;
  EXPECT_THAT(Codes(InspectDicomStudy(made.files(), made.root(), {}, limits)), ElementsAre("LIMIT_EXCEEDED"));
  limits = {};
  limits.max_files = 7;
  EXPECT_THROW((void)InspectDicomStudy(made.files(), made.root(), {}, limits), InputError);
}

TEST(DicomSeries, AnErrorOfOneLeavesTheOthersUsable) {
  MadeStudy made;
  for (int k = 0; k < 8; ++k) {
    if (k == 3) continue;
    made.Write("other" + std::to_string(k) + ".dcm", MakeSlice(k, [&](DcmDataset& data) {
                 Put(data, DCM_SeriesInstanceUID, "1.2.3.5");
                 Put(data, DCM_SOPInstanceUID, "1.2.3.5." + std::to_string(k + 1));
               }));
  }
  const DicomStudy study = Inspect(made);
  EXPECT_THAT(Codes(study), ElementsAre("ok", "MISSING_SLICE"));
}

TEST(DicomSeries, IsTheSameWhateverTheAngle) {
  TestRandom random(5);
  for (int round = 0; round < 20; ++round) {
    const double a = 2 * M_PI * random.Unit(), b = M_PI * (random.Unit() - 0.5);
    const std::array<double, 3> row{std::cos(a) * std::cos(b), std::sin(a) * std::cos(b), std::sin(b)};
    const std::array<double, 3> column{-std::sin(a), std::cos(a), 0};
    const std::array<double, 3> normal{row[1] * column[2] - row[2] * column[1], row[2] * column[0] - row[0] * column[2],
                                       row[0] * column[1] - row[1] * column[0]};
    std::string orientation;
    for (const double v : row) orientation += std::to_string(v) + "\\";
    for (const double v : column) orientation += std::to_string(v) + "\\";
    orientation.pop_back();
    const DicomStudy study = Inspect(MadeStudy(8, [&](DcmDataset& data, int k) {
      Put(data, DCM_ImageOrientationPatient, orientation);
      PutPosition(data, 5 + 4.0 * k * normal[0], 7 + 4.0 * k * normal[1], 9 + 4.0 * k * normal[2]);
    }));
    ASSERT_THAT(Codes(study), ElementsAre("ok")) << orientation;
    EXPECT_NEAR(study.series[0].grid.spacing[2], 4, 1e-4);
  }
}

}  // namespace
}  // namespace dinsd
