#include "pipeline/import/find_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <utility>

#include "pipeline/import/lesion_codes.h"
#include "pipeline/import/mask_source.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/pipeline/import/made_masks.h"
#include "tests/pipeline/read/study_files.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A DICOM study with masks of others in its folder.
class FindMaskTest : public testing::Test {
 protected:
  void Write(const std::string& file, const std::string& bytes) { study_.Write(file, bytes); }

  [[nodiscard]] InspectedStudy Inspected() const {
    return InspectStudy(study_.root(), "made", ListStudyFiles(study_.root()), {});
  }
  [[nodiscard]] FoundMask Find(const ImportOptions& options = {}) const {
    return FindMask(study_.root(), Inspected(), options, {});
  }
  [[nodiscard]] SourceSeries Series() const { return ReadSourceSeries(study_.root(), ChosenImage(Inspected())); }

  // The refusal, which must leave it to a person to click.
  [[nodiscard]] std::string Refusal(const ImportOptions& options = {}) const {
    try {
      (void)Find(options);
    } catch (const InputError& error) {
      EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts) << error.what();
      return error.what();
    }
    return "none";
  }

  [[nodiscard]] static std::size_t Voxels(const FoundMask& found, int label) {
    return static_cast<std::size_t>(std::count(found.labels.labels.begin(), found.labels.labels.end(), label));
  }

  MadeStudy study_;
};

const MadeSegment kMass{1, "4147007", "SCT", "arm", "1.2.99.1"};
const MadeSegment kLiver{2, "10200004", "SCT"};
const MadeSegment kNodule{3, "M-03010", "SRT"};

TEST_F(FindMaskTest, TakesSegmentsOfALesionsTypeAndNamesTheOthers) {
  Write("seg.dcm", SegOf({kMass, kLiver, kNodule}));
  const FoundMask found = Find();
  ASSERT_TRUE(found.mask);
  EXPECT_EQ(found.mask->kind, "DICOM SEG");
  EXPECT_EQ(found.mask->maker, "somebody 1.5");
  EXPECT_EQ(found.mask->made, "MANUAL");
  ASSERT_EQ(found.mask->lesions.size(), 2U);
  EXPECT_EQ(found.mask->lesions[0].id, "arm");
  EXPECT_EQ(found.mask->lesions[0].tracking_uid, "1.2.99.1");
  EXPECT_EQ(found.mask->lesions[1].id, "segment 3") << "its label";
  EXPECT_EQ(found.mask->lesions[1].number, 3);
  EXPECT_THAT(found.not_taken, ElementsAre("seg.dcm: segment 2 is of type 10200004 SCT, which is no lesion's"));
  EXPECT_EQ(Voxels(found, 1), 10U);
  EXPECT_EQ(Voxels(found, 2), 10U);
  EXPECT_EQ(Voxels(found, 3), 0U);
}

TEST_F(FindMaskTest, TakesNothingOfOrgans) {
  Write("seg.dcm", SegOf({kLiver}));
  const FoundMask found = Find();
  EXPECT_FALSE(found.mask);
  EXPECT_EQ(found.not_taken.size(), 1U);
}

TEST(LesionTypes, AreThoseOfTumours) {
  EXPECT_TRUE(IsLesionType({"89084002", "SCT", ""}));
  EXPECT_FALSE(IsLesionType({"79654002", "SCT", "Edema"}));
  EXPECT_FALSE(IsLesionType({"4147007", "99X", "Mass"})) << "another scheme's number";
  EXPECT_FALSE(IsLesionType({}));
}

TEST_F(FindMaskTest, TakesAllOfOneThatDinsdMadeUnlessItIsPreliminary) {
  const auto ours = [](const std::string& label) {
    return SegOf({kLiver}, [&](DcmDataset& data) {
      Put(data, DCM_Manufacturer, "dinsd");
      Put(data, DCM_ManufacturerModelName, "dinsd");
      Put(data, DCM_ContentLabel, label);
    });
  };
  Write("seg.dcm", ours("LESIONS"));
  EXPECT_TRUE(Find().mask);
  Write("seg.dcm", ours("PRELIMINARY"));
  const FoundMask found = Find();
  EXPECT_FALSE(found.mask);
  EXPECT_THAT(found.not_taken.at(0), HasSubstr("preliminary"));
}

TEST_F(FindMaskTest, AMaskOfAnotherSeriesIsNotTaken) {
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) {
          PutIn(Within(data, DCM_ReferencedSeriesSequence), DCM_SeriesInstanceUID, "1.2.3.5");
        }));
  EXPECT_FALSE(Find().mask);
  EXPECT_THAT(Find().not_taken.at(0), HasSubstr("another series"));
}

TEST_F(FindMaskTest, RefusesAnotherFrameOfReferenceAnotherGridAndOverlaps) {
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) { Put(data, DCM_FrameOfReferenceUID, "1.2.3.10"); }));
  EXPECT_THAT(Refusal(), HasSubstr("SEG_FRAME_OF_REFERENCE: seg.dcm"));
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) {
          PutIn(Within(Within(data, DCM_SharedFunctionalGroupsSequence), DCM_PixelMeasuresSequence), DCM_PixelSpacing,
                "2\\1.7");
        }));
  EXPECT_THAT(Refusal(), HasSubstr("SEG_OFF_GRID: seg.dcm"));
  MadeSegment other = kNodule;
  Write("seg.dcm", SegOf({kMass, other}, [](DcmDataset& data) {
          for (const long frame : {2L, 3L}) {  // of the second segment, onto the row of the first
            DcmItem& item = Within(data, DCM_PerFrameFunctionalGroupsSequence, frame);
            PutIn(Within(item, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
                  "-10\\" + std::to_string(-50 + 10 * frame) + "\\104");
          }
        }));
  EXPECT_THAT(Refusal(), HasSubstr("SEG_OVERLAP: seg.dcm"));
}

TEST_F(FindMaskTest, TwoThatDifferAreRefusedByNameAndTheSameTwiceIsOne) {
  const auto again = [](const MadeSegment& segment) {
    return SegOf({segment}, [](DcmDataset& data) {
      Put(data, DCM_SOPInstanceUID, "1.2.3.8.1");
      Put(data, DCM_SeriesInstanceUID, "1.2.3.8");
    });
  };
  Write("a.dcm", SegOf({kMass}));
  Write("b.dcm", again(kMass));
  EXPECT_THAT(Find().not_taken, ElementsAre("b.dcm: the same mask as a.dcm"));
  Write("b.dcm", again(kNodule));
  EXPECT_THAT(Refusal(), testing::AllOf(HasSubstr("MASK_AMBIGUOUS: a.dcm"), HasSubstr("b.dcm")));
}

TEST_F(FindMaskTest, SegmentationsOfOneSeriesArePartsOfOneMask) {
  Write("a.dcm", SegOf({kMass}));
  MadeSegment second = kNodule;
  second.tracking_id = "leg";
  Write("b.dcm", SegOf({second}, [](DcmDataset& data) { Put(data, DCM_SOPInstanceUID, "1.2.3.7.2"); }));
  const FoundMask found = Find();
  ASSERT_TRUE(found.mask);
  EXPECT_EQ(found.mask->files.size(), 2U);
  EXPECT_EQ(found.mask->lesions.at(1).id, "leg");
  EXPECT_EQ(Voxels(found, 2), 10U);
}

// A part of a segmentation in several objects, in a fraction of each voxel.
std::string FractionalPart() {
  MadeSeg made{.type = "FRACTIONAL", .bits = 8, .segments = {3}};
  std::vector<int> pixels = RowOfPixels(3);
  for (int& pixel : pixels) pixel *= 200;
  made.frames.push_back({3, 2, pixels});
  return SegFile(made, [](DcmDataset& data) {
    Put(data, DCM_PatientID, "P1");
    Put(data, DCM_SOPInstanceUID, "1.2.3.7.2");
    PutIn(Within(data, DCM_ReferencedSeriesSequence), DCM_SeriesInstanceUID, "1.2.3.4");
    PutCode(Within(data, DCM_SegmentSequence), DCM_SegmentedPropertyTypeCodeSequence, "4147007", "SCT");
  });
}

TEST_F(FindMaskTest, ASegmentationOfWhichAPartIsMissingIsRefusedAsAWhole) {
  const auto part = [](const DicomEdit& edit) {
    return SegOf({kNodule}, [&](DcmDataset& data) {
      Put(data, DCM_SOPInstanceUID, "1.2.3.7.2");
      edit(data);
    });
  };
  const DicomEdit break_it = [](DcmDataset& data) { PutNumber(data, DCM_BitsAllocated, 8); };
  Write("a.dcm", SegOf({kMass}));
  const std::vector<std::pair<std::string, std::string>> missing = {
      {part(break_it), "UNDECODABLE"},
      {part([](DcmDataset& data) { Put(data, DCM_ContentLabel, "PRELIMINARY"); }), "preliminary"},
      {FractionalPart(), "fractional"}};
  for (const auto& [bytes, why] : missing) {
    Write("b.dcm", bytes);
    EXPECT_THAT(Refusal(), testing::AllOf(HasSubstr("MASK_INCOMPLETE: a.dcm"), HasSubstr("b.dcm: "), HasSubstr(why)));
  }
  Write("b.dcm", part([&](DcmDataset& data) {
          break_it(data);
          Put(data, DCM_SeriesInstanceUID, "1.2.3.8");
        }));
  const FoundMask found = Find();
  EXPECT_TRUE(found.mask) << "what is broken is no part of it";
  EXPECT_THAT(found.not_taken, ElementsAre(HasSubstr("b.dcm: cannot be read, UNDECODABLE")));
}

TEST_F(FindMaskTest, AFractionalMaskAndOneOfAnotherStudyAreNotTaken) {
  Write("seg.dcm", FractionalPart());
  EXPECT_FALSE(Find().mask);
  EXPECT_THAT(Find().not_taken, ElementsAre(HasSubstr("seg.dcm: is fractional")));
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) {
          PutIn(Within(data, DCM_StudiesContainingOtherReferencedInstancesSequence), DCM_StudyInstanceUID, "1.2.4");
        }));
  EXPECT_FALSE(Find().mask);
  EXPECT_THAT(Find().not_taken, ElementsAre(HasSubstr("seg.dcm: was made on images of another study")));
}

TEST_F(FindMaskTest, AnObservationOfNoWholeNumberSaysNothingOfAnyRegion) {
  for (const char* number : {"1.4", "1e300", "-1e300", "one", ""}) {
    Write("rt.dcm", RtStructOf(Series(), {"x"}, [&](DcmDataset& data) {
            DcmItem& observation = Within(data, DCM_RTROIObservationsSequence);
            PutIn(observation, DCM_ReferencedROINumber, number);
            PutIn(observation, DCM_RTROIInterpretedType, "GTV");
          }));
    const FoundMask found = Find();
    EXPECT_FALSE(found.mask) << number;
    EXPECT_THAT(found.not_taken, ElementsAre(HasSubstr("rt.dcm: region 1 is not of interpreted type GTV"))) << number;
  }
}

TEST_F(FindMaskTest, RefusesWhatHoldsNothingAndOneTrackingForTwo) {
  MadeSegment same = kNodule;
  same.tracking_uid = kMass.tracking_uid;
  Write("seg.dcm", SegOf({kMass, same}));
  EXPECT_THAT(Refusal(), HasSubstr("MASK_TRACKING: seg.dcm"));
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) {
          std::vector<Uint8> none(2 * kMadeRows * kMadeColumns / 8);
          data.putAndInsertUint8Array(DCM_PixelData, none.data(), none.size());
        }));
  EXPECT_THAT(Refusal(), HasSubstr("MASK_EMPTY: seg.dcm"));
}

TEST_F(FindMaskTest, AnotherPatientsMaskQuarantinesTheStudy) {
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) { Put(data, DCM_PatientID, "P2"); }));
  try {
    (void)Inspected();
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "IDENTITY_CONFLICT");
    EXPECT_EQ(error.verdict(), InputVerdict::kQuarantined);
  }
}

TEST_F(FindMaskTest, OfAStructureSetOnlyWhatIsNamedOrTypedAsTumourIsTaken) {
  const auto typed = [](DcmDataset& data) {
    PutIn(Within(data, DCM_RTROIObservationsSequence, 1), DCM_RTROIInterpretedType, "GTV");
  };
  Write("rt.dcm", RtStructOf(Series(), {"liver", "x", "NF 7"}));
  FoundMask found = Find();
  EXPECT_FALSE(found.mask);
  EXPECT_THAT(found.not_taken, ElementsAre(HasSubstr("rt.dcm: region 1 is not of interpreted type GTV")));
  EXPECT_THAT(found.not_taken[0], HasSubstr("2 others"));
  found = Find({.regions = "nf.*"});
  ASSERT_TRUE(found.mask);
  ASSERT_EQ(found.mask->lesions.size(), 1U);
  EXPECT_EQ(found.mask->lesions[0].id, "NF 7");
  EXPECT_EQ(Voxels(found, 1), 10U);
  const std::string digest = found.mask->sha256;
  Write("rt.dcm", RtStructOf(Series(), {"liver", "x", "NF 7"}, typed));
  found = Find({.regions = "nf.*"});
  EXPECT_EQ(found.mask->lesions.size(), 2U);
  EXPECT_EQ(found.mask->lesions[0].reason, "its interpreted type is GTV");
  EXPECT_NE(found.mask->sha256, digest);
  Write("rt.dcm", RtStructOf(Series(), {"x"}, [](DcmDataset& data) {
          PutIn(Within(data, DCM_RTROIObservationsSequence), DCM_RTROIInterpretedType, "GTV");
          Put(data, DCM_ApprovalStatus, "REJECTED");
        }));
  EXPECT_FALSE(Find().mask);
}

TEST_F(FindMaskTest, ASegmentationGoesBeforeTheSameMaskAsStructureSet) {
  Write("rt.dcm", RtStructOf(Series(), {"one"}, [](DcmDataset& data) {
          PutIn(Within(data, DCM_RTROIObservationsSequence), DCM_RTROIInterpretedType, "GTV");
        }));
  EXPECT_TRUE(Find().mask);
  Write("seg.dcm", SegOf({kMass}));
  const FoundMask found = Find();
  EXPECT_EQ(found.mask.value().kind, "DICOM SEG");
  EXPECT_THAT(found.not_taken, ElementsAre("rt.dcm: the same mask as seg.dcm"));
}

TEST_F(FindMaskTest, WhatCannotBeReadIsToldAndHarmsNothing) {
  Write("seg.dcm", SegOf({kMass}, [](DcmDataset& data) { PutNumber(data, DCM_BitsAllocated, 8); }));
  const FoundMask found = Find();
  EXPECT_FALSE(found.mask);
  EXPECT_THAT(found.not_taken.at(0), HasSubstr("seg.dcm: cannot be read, UNDECODABLE"));
}

TEST(MaskSources, WhateverAReadThrowsIsToldByTheNameOfTheFile) {
  MaskSource source;
  EXPECT_FALSE(CanBeRead(
      "a.dcm", [] { throw std::bad_alloc(); }, source));
  EXPECT_THAT(source.not_taken, ElementsAre(HasSubstr("a.dcm: cannot be read, ")));
  EXPECT_TRUE(CanBeRead(
      "b.dcm", [] {}, source));
  try {
    Refusing("c.dcm", [] { throw std::length_error("too long"); });
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "MASK_UNREADABLE");
    EXPECT_EQ(error.file(), "c.dcm");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
  }
}

TEST(FindMaskOfFile, OneThatIsTooLargeLeavesTheStudyToAPerson) {
  const TempFolder folder;
  folder.Write("image.nii", kImage);
  folder.Write("image.nii.mask.nii.gz", std::string(4096, 'x'));
  const InspectedStudy study = InspectStudy(folder.path(), "study", {"image.nii", "image.nii.mask.nii.gz"}, {});
  ReadLimits limits;
  limits.max_file_bytes = 4000;
  try {
    (void)FindMask(folder.path(), study, {}, limits);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.file(), "image.nii.mask.nii.gz");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts) << "the images are fine";
  }
}

TEST(FindMaskOfFile, TakesTheLabelsBesideTheImage) {
  const TempFolder folder;
  folder.Write("image.nii", kImage);
  LabelMap labels;
  labels.grid = ChosenImage(Inspect(folder)).grid;
  labels.labels.resize(labels.grid.SizeZyx().VoxelCount());
  labels.labels.at(3) = 7;
  labels.labels.at(4) = 2;
  WriteNifti(folder.path() / "image.nii.mask.nii.gz", labels);
  WriteNifti(folder.path() / "other.nii.mask.nii.gz", labels);  // an image, since there is no other.nii
  InspectedStudy study = InspectStudy(folder.path(), "study", {"image.nii", "image.nii.mask.nii.gz"}, {});
  EXPECT_THAT(study.mask_files, ElementsAre("image.nii.mask.nii.gz"));
  EXPECT_EQ(study.images.size(), 1U);
  const FoundMask found = FindMask(folder.path(), study, {}, {});
  ASSERT_TRUE(found.mask);
  EXPECT_EQ(found.mask->lesions.at(0).id, "L2");
  EXPECT_EQ(found.mask->lesions.at(1).id, "L7");
  EXPECT_NE(found.mask->lesions[0].tracking_uid, found.mask->lesions[1].tracking_uid);
  EXPECT_EQ(found.labels.labels.at(3), 2);
  EXPECT_EQ(found.labels.labels.at(4), 1);
  labels.grid.origin[0] += 1;
  WriteNifti(folder.path() / "image.nii.mask.nii.gz", labels);
  try {
    (void)FindMask(folder.path(), study, {}, {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "MASK_GRID");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
  }
  EXPECT_THAT(Inspect(folder).images, testing::SizeIs(2));
}

}  // namespace
}  // namespace dinsd
