#include "pipeline/read/dicom_frames.h"

#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/dicom_study.h"
#include "pipeline/read/study_json.h"
#include "tests/pipeline/read/frame_maker.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::vector<int> kShuffled = {3, 0, 7, 5, 1, 6, 2, 4};
const std::vector<int> kOrdered = {0, 1, 2, 3, 4, 5, 6, 7};

// A study of these objects.
struct StudyOf : MadeStudy {
  explicit StudyOf(const std::vector<std::string>& files) : MadeStudy(0) {
    for (std::size_t i = 0; i < files.size(); ++i) Write("object" + std::to_string(i) + ".dcm", files[i]);
  }
};

DicomStudy Inspect(const MadeStudy& made, const DicomReadOptions& options = {}) {
  return InspectDicomStudy(made.files(), made.root(), options, {});
}

// The code of each volume, "ok" for a usable one, and what tells it from the others.
std::vector<std::string> VolumesOf(const DicomStudy& study) {
  std::vector<std::string> volumes;
  if (study.error) volumes.push_back("study: " + study.error->code());
  for (const DicomSeries& series : study.series) {
    volumes.push_back((series.error ? series.error->code() : "ok") + (series.part.empty() ? "" : ": " + series.part));
  }
  return volumes;
}

std::vector<std::string> VolumesOfFiles(const std::vector<std::string>& files) {
  return VolumesOf(Inspect(StudyOf(files)));
}

Volume ClassicVolume() {
  const MadeStudy classic;
  return ReadDicomSeries(Inspect(classic).series.at(0), classic.root(), {});
}

void PutContent(DcmItem& groups, const DcmTagKey& key, const std::vector<Uint32>& values) {
  PutLong(Within(groups, DCM_FrameContentSequence), key, values);
}

DicomEdit OfInstance(const std::string& number, const DicomEdit& edit = {}) {
  return [=](DcmDataset& data) {
    Put(data, DCM_SOPInstanceUID, std::string("1.2.3.4.").append(number));
    if (edit) edit(data);
  };
}

TEST(DicomFrames, InAnyOrderAreTheVolumeThatClassicSlicesAre) {
  for (const std::vector<int>& order : {kOrdered, kShuffled}) {
    const StudyOf made({MultiFrameFile(FramesFor(order))});
    const DicomStudy study = Inspect(made);
    ASSERT_THAT(VolumesOf(study), ElementsAre("ok"));
    const Volume volume = ReadDicomSeries(study.series[0], made.root(), {});
    const Volume expected = ClassicVolume();
    EXPECT_EQ(volume.grid, expected.grid);
    EXPECT_EQ(volume.voxels, expected.voxels);
  }
}

TEST(DicomFrames, OfSeveralInstancesAreOneVolume) {
  const auto half = [](const std::vector<int>& slices, const std::string& number) {
    return MultiFrameFile(FramesFor(slices), OfInstance(number));
  };
  const StudyOf made({half({6, 0, 4, 2}, "1"), half({1, 3, 7, 5}, "2")});
  const DicomStudy study = Inspect(made);
  ASSERT_THAT(VolumesOf(study), ElementsAre("ok"));
  EXPECT_EQ(ReadDicomSeries(study.series[0], made.root(), {}).voxels, ClassicVolume().voxels);
}

TEST(DicomFrames, AMissingOneIsAMissingSlice) {
  const DicomStudy study = Inspect(StudyOf({MultiFrameFile(FramesFor({3, 0, 7, 5, 1, 6, 2}))}));
  ASSERT_THAT(VolumesOf(study), ElementsAre("MISSING_SLICE"));
  EXPECT_EQ(study.series[0].error->field(), "ImagePositionPatient of frame 4");
  const auto counted = [](DcmItem& groups, int k) {
    PutContent(groups, DCM_InStackPositionNumber, {static_cast<Uint32>(k + 1)});
  };
  const DicomStudy at_end = Inspect(StudyOf({MultiFrameFile(FramesFor({1, 2, 3, 4, 5, 6, 7}, counted))}));
  ASSERT_THAT(VolumesOf(at_end), ElementsAre("ok"));
  EXPECT_THAT(at_end.series[0].notes,
              Contains(HasSubstr("InStackPositionNumber runs from 2 to 8, 7 frames are there")));
  const DicomStudy whole = Inspect(StudyOf({MultiFrameFile(FramesFor(kShuffled, counted))}));
  EXPECT_THAT(whole.series[0].notes, Each(Not(HasSubstr("InStackPositionNumber"))));
}

TEST(DicomFrames, AreScaledEachByItsOwnSlope) {
  const auto scaled = [](DcmItem& groups, int k) {
    DcmItem& scaling = Within(groups, DCM_PixelValueTransformationSequence);
    PutIn(scaling, DCM_RescaleSlope, std::to_string(k + 1));
    PutIn(scaling, DCM_RescaleIntercept, "-3");
  };
  const StudyOf made({MultiFrameFile(FramesFor(kShuffled, scaled))});
  const Volume volume = ReadDicomSeries(Inspect(made).series.at(0), made.root(), {});
  for (int k = 0; k < 8; ++k)
    EXPECT_EQ(volume.voxels[(k * kMadeRows + 2) * kMadeColumns + 5], MadePixel(5, 2, k) * (k + 1) - 3);
  const auto broken = [](DcmItem& groups, int k) {
    PutIn(Within(groups, DCM_PixelValueTransformationSequence), DCM_RescaleSlope, k == 5 ? "0" : "1");
  };
  const DicomStudy refused = Inspect(StudyOf({MultiFrameFile(FramesFor(kShuffled, broken))}));
  ASSERT_THAT(VolumesOf(refused), ElementsAre("UNDECODABLE"));
  EXPECT_EQ(refused.series[0].error->field(), "RescaleSlope of frame 4");
}

TEST(DicomFrames, TakeTheirOwnGroupElseTheSharedOne) {
  const auto share_scaling = [](DcmDataset& data) {
    DcmItem& shared = Within(data, DCM_SharedFunctionalGroupsSequence);
    PutIn(Within(shared, DCM_PixelValueTransformationSequence), DCM_RescaleSlope, "2");
  };
  const auto own = [](DcmItem& groups, int k) {
    if (k == 3) PutIn(Within(groups, DCM_PixelValueTransformationSequence), DCM_RescaleSlope, "5");
    PutIn(Within(groups, DCM_PixelMeasuresSequence), DCM_PixelSpacing, "3\\2.5");
  };
  const StudyOf made({MultiFrameFile(FramesFor(kShuffled, own), share_scaling)});
  const DicomStudy study = Inspect(made);
  ASSERT_THAT(VolumesOf(study), ElementsAre("ok"));
  EXPECT_THAT(study.series[0].grid.spacing, ElementsAre(2.5, 3, 10));
  const Volume volume = ReadDicomSeries(study.series[0], made.root(), {});
  for (int k = 0; k < 8; ++k)
    EXPECT_EQ(volume.voxels[k * kMadeRows * kMadeColumns], MadePixel(0, 0, k) * (k == 3 ? 5 : 2));
}

TEST(DicomFrames, OfTwoStacksAreTwoVolumes) {
  const auto in_stack = [](const char* id, bool is_axial) {
    return [=](DcmItem& groups, int k) {
      PutIn(Within(groups, DCM_FrameContentSequence), DCM_StackID, id);
      if (is_axial) PutPlane(groups, "0\\0\\" + std::to_string(10 * k), "1\\0\\0\\0\\1\\0");
    };
  };
  const auto stacks = FramesFor(kShuffled, in_stack("1", false)) + FramesFor(kShuffled, in_stack("2", true), 50);
  const StudyOf made({MultiFrameFile(stacks)});
  const DicomStudy study = Inspect(made);
  ASSERT_THAT(VolumesOf(study), ElementsAre("ok: stack 1", "ok: stack 2"));
  EXPECT_EQ(ReadDicomSeries(study.series[0], made.root(), {}).voxels, ClassicVolume().voxels);
  EXPECT_EQ(ReadDicomSeries(study.series[1], made.root(), {}).voxels[0], MadePixel(0, 0, 0) + 50);
  const auto mixed = FramesFor(kShuffled, in_stack("1", false)) + FramesFor({1}, in_stack("1", true));
  const DicomStudy refused = Inspect(StudyOf({MultiFrameFile(mixed)}));
  ASSERT_THAT(VolumesOf(refused), ElementsAre("MIXED_ORIENTATION"));
  EXPECT_EQ(refused.series[0].error->field(), "ImageOrientationPatient of frame 9");
}

TEST(DicomFrames, AtOnePlaceAreToldApartByWhatTheirGroupsSay) {
  const auto two = [](const std::function<void(DcmItem&, int)>& edit) {
    const auto of = [&](int volume) { return [=](DcmItem& groups, int) { edit(groups, volume); }; };
    return VolumesOfFiles({MultiFrameFile(FramesFor(kShuffled, of(1)) + FramesFor(kOrdered, of(2), 50))});
  };
  EXPECT_THAT(
      two([](DcmItem& groups, int v) { PutContent(groups, DCM_TemporalPositionIndex, {static_cast<Uint32>(v)}); }),
      ElementsAre("ok: temporal position 1", "ok: temporal position 2"));
  EXPECT_THAT(
      two([](DcmItem& groups, int v) { PutDouble(Within(groups, DCM_MREchoSequence), DCM_EffectiveEchoTime, 30 * v); }),
      ElementsAre("ok: echo time 30.0000", "ok: echo time 60.0000"));
  EXPECT_THAT(two([](DcmItem& groups, int v) {
                PutDouble(Within(groups, DCM_MRDiffusionSequence), DCM_DiffusionBValue, 400 * v);
              }),
              ElementsAre("ok: b value 400.0000", "ok: b value 800.0000"));
  EXPECT_THAT(two([](DcmItem& groups, int v) {
                PutIn(Within(groups, DCM_MRImageFrameTypeSequence), DCM_ComplexImageComponent,
                      v == 1 ? "MAGNITUDE" : "PHASE");
              }),
              ElementsAre("ok: component MAGNITUDE", "ok: component PHASE"));
  EXPECT_THAT(two([](DcmItem& groups, int v) {
                PutIn(Within(groups, DCM_MRImageFrameTypeSequence), DCM_FrameType,
                      v == 1 ? "ORIGINAL\\PRIMARY\\M\\WATER" : "ORIGINAL\\PRIMARY\\M\\FAT");
              }),
              ElementsAre("ok: image type M/FAT", "ok: image type M/WATER"));
  EXPECT_THAT(two([](DcmItem& groups, int v) {
                PutContent(groups, DCM_DimensionIndexValues, {1, static_cast<Uint32>(v)});
              }),
              ElementsAre("ok: index of dimension 2: 1", "ok: index of dimension 2: 2"));
  EXPECT_THAT(two([](DcmItem&, int) {}), ElementsAre("DUPLICATE_POSITION"));
}

TEST(DicomFrames, DimensionsThatNumberSlicesDivideNothing) {
  const auto of = [](int volume) {
    return [=](DcmItem& groups, int k) {
      PutContent(groups, DCM_DimensionIndexValues, {1, static_cast<Uint32>(k + 1), static_cast<Uint32>(volume)});
    };
  };
  EXPECT_THAT(VolumesOfFiles({MultiFrameFile(FramesFor(kShuffled, of(1)) + FramesFor(kOrdered, of(2)))}),
              ElementsAre("ok: index of dimension 3: 1", "ok: index of dimension 3: 2"));
  EXPECT_THAT(VolumesOfFiles({MultiFrameFile(FramesFor(kShuffled, of(1)) + FramesFor({0, 1, 2, 4, 5, 6, 7}, of(2)))}),
              ElementsAre("ok: index of dimension 3: 1", "MISSING_SLICE: index of dimension 3: 2"));
}

TEST(DicomFrames, OfInstancesAtTheSamePlacesAreVolumesOfTheirOwn) {
  const std::vector<std::string> files = {MultiFrameFile(FramesFor(kShuffled), OfInstance("1")),
                                          MultiFrameFile(FramesFor(kOrdered, {}, 50), OfInstance("2"))};
  EXPECT_THAT(VolumesOfFiles(files), ElementsAre("ok: instance 1.2.3.4.1", "ok: instance 1.2.3.4.2"));
  DicomStudy study = Inspect(StudyOf(files));
  ChooseSeries(study, "", {});
  EXPECT_EQ(study.choice_error.value().code(), "SERIES_AMBIGUOUS");
}

TEST(DicomFrames, OfAConcatenationComeTogetherOrNotAtAll) {
  const auto piece = [](const std::vector<int>& slices, const std::string& number) {
    return MultiFrameFile(FramesFor(slices), OfInstance(number, [](DcmDataset& data) {
                            Put(data, DCM_ConcatenationUID, "1.2.3.77");
                            PutNumber(data, DCM_InConcatenationTotalNumber, 2);
                          }));
  };
  EXPECT_THAT(VolumesOfFiles({piece({0, 1, 2, 3, 4, 5}, "1"), piece({6, 7}, "2")}), ElementsAre("ok"));
  const DicomStudy study = Inspect(StudyOf({piece({0, 1, 2, 3, 4, 5}, "1")}));
  ASSERT_THAT(VolumesOf(study), ElementsAre("MISSING_SLICE"));
  EXPECT_EQ(study.series[0].error->field(), "InConcatenationTotalNumber");
}

TEST(DicomFrames, ThatAreNotDescribedOrLieNowhereAreRefused) {
  const auto error_of = [](const DicomEdit& edit) {
    const DicomStudy study = Inspect(StudyOf({MultiFrameFile(FramesFor(kShuffled), edit)}));
    const auto& error = study.series.at(0).error;
    return error ? error->code() + " " + error->field() : "none";
  };
  EXPECT_EQ(error_of([](DcmDataset& data) { Put(data, DCM_NumberOfFrames, "7"); }), "UNDECODABLE PixelData");
  EXPECT_EQ(error_of([](DcmDataset& data) {
              DcmSequenceOfItems* frames = nullptr;
              data.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, frames);
              delete frames->remove(7UL);
            }),
            "UNDECODABLE PerFrameFunctionalGroupsSequence");
  EXPECT_EQ(error_of([](DcmDataset& data) { data.findAndDeleteElement(DCM_PerFrameFunctionalGroupsSequence); }),
            "UNDECODABLE PerFrameFunctionalGroupsSequence");
  EXPECT_EQ(error_of([](DcmDataset& data) {
              Within(data, DCM_PerFrameFunctionalGroupsSequence, 2).findAndDeleteElement(DCM_PlanePositionSequence);
            }),
            "NO_GEOMETRY ImagePositionPatient of frame 3");
  EXPECT_EQ(error_of([](DcmDataset& data) {
              Within(data, DCM_SharedFunctionalGroupsSequence).findAndDeleteElement(DCM_PixelMeasuresSequence);
              Put(data, DCM_PixelSpacing, "2\\1.5");
            }),
            "NO_GEOMETRY PixelSpacing of frame 1");
  EXPECT_EQ(error_of([](DcmDataset& data) { Put(data, DCM_SOPClassUID, UID_MRImageStorage); }),
            "UNDECODABLE NumberOfFrames");
}

TEST(DicomFrames, OfLegacyConvertedImagesSayInTheirOwnGroupsWhatTheyWere) {
  const auto convert = [](int echo) {
    return [=](DcmItem& groups, int) {
      DcmItem& converted = Within(groups, DCM_UnassignedPerFrameConvertedAttributesSequence);
      PutIn(converted, DCM_EchoTime, std::to_string(echo));
    };
  };
  const auto as_legacy = [](DcmDataset& data) {
    Put(data, DCM_SOPClassUID, kMadeLegacyMr);
    DcmItem& shared = Within(data, DCM_SharedFunctionalGroupsSequence);
    PutIn(Within(shared, DCM_UnassignedSharedConvertedAttributesSequence), DCM_InversionTime, "150");
  };
  const StudyOf made(
      {MultiFrameFile(FramesFor(kShuffled, convert(30)) + FramesFor(kOrdered, convert(60), 50), as_legacy)});
  DicomStudy study = Inspect(made);
  ASSERT_THAT(VolumesOf(study), ElementsAre("ok: echo time 30.0000", "ok: echo time 60.0000"));
  EXPECT_EQ(study.series[0].instances[0].inversion_time_ms, 150);
  EXPECT_EQ(ReadDicomSeries(study.series[0], made.root(), {}).voxels, ClassicVolume().voxels);
}

TEST(DicomFrames, DecodeOutOfEveryCodeStream) {
  DcmRLEEncoderRegistration::registerCodecs();
  DJLSEncoderRegistration::registerCodecs();
  for (const E_TransferSyntax syntax :
       {EXS_LittleEndianImplicit, EXS_BigEndianExplicit, EXS_RLELossless, EXS_JPEGLSLossless}) {
    const StudyOf made({MultiFrameFile(FramesFor(kShuffled), {}, syntax)});
    const DicomStudy study = Inspect(made);
    ASSERT_THAT(VolumesOf(study), ElementsAre("ok")) << DcmXfer(syntax).getXferName();
    EXPECT_EQ(ReadDicomSeries(study.series[0], made.root(), {}).voxels, ClassicVolume().voxels);
  }
}

InspectedStudy Inspected(const MadeStudy& made) {
  std::vector<std::string> files;
  for (const auto& file : made.files()) files.push_back(file.string());
  return InspectStudy(made.root(), "study", files, {});
}

TEST(DicomFrames, CrossToAnotherProcessWithTheirPlaces) {
  const auto in_stack = [](DcmItem& groups, int) { PutIn(Within(groups, DCM_FrameContentSequence), DCM_StackID, "7"); };
  const StudyOf made({MultiFrameFile(FramesFor({6, 0, 4, 2}, in_stack), OfInstance("1")),
                      MultiFrameFile(FramesFor({1, 3, 7, 5}, in_stack), OfInstance("2"))});
  const InspectedStudy study = StudyFromJson(StudyToJson(Inspected(made)));
  const StudyImage& image = ChosenImage(study);
  EXPECT_THAT(image.files, ElementsAre("object0.dcm", "object1.dcm"));
  EXPECT_THAT(image.frames, ElementsAre(FramePlace{0, 2}, FramePlace{1, 1}, FramePlace{0, 4}, FramePlace{1, 2},
                                        FramePlace{0, 3}, FramePlace{1, 4}, FramePlace{0, 1}, FramePlace{1, 3}));
  EXPECT_EQ(image.stack_id, "7");
  EXPECT_EQ(ReadStudyImage(made.root(), image, {}).voxels, ClassicVolume().voxels);
  nlohmann::json lies = StudyToJson(study);
  lies["images"][0]["frames"][3] = {2, 1};
  EXPECT_THROW((void)StudyFromJson(lies), std::invalid_argument);
}

TEST(DicomFrames, AreWhatObjectsReferTo) {
  const StudyOf made({MultiFrameFile(FramesFor(kShuffled))});
  const InspectedStudy study = Inspected(made);
  const SourceSeries source = ReadSourceSeries(made.root(), ChosenImage(study));
  ASSERT_EQ(source.slices.size(), 8);
  EXPECT_EQ(source.slices[0].frame, 2);
  EXPECT_EQ(source.slices[7].frame, 3);
  EXPECT_EQ(source.slices[7].position, PositionOfMadeSlice(7));
  EXPECT_EQ(source.slices[7].orientation, "1\\0\\0\\0\\0\\-1");
  OFString spacing;
  EXPECT_TRUE(source.header->findAndGetOFStringArray(DCM_PixelSpacing, spacing).good());
  EXPECT_EQ(spacing, "2\\1.5");
}

TEST(DicomFrames, DamagedOnesAreNamedOrRead) {
  TestRandom random(21);
  const std::string whole = MultiFrameFile(FramesFor(kShuffled, [](DcmItem& groups, int k) {
    PutContent(groups, DCM_DimensionIndexValues, {1, static_cast<Uint32>(k + 1)});
    PutIn(Within(groups, DCM_PixelValueTransformationSequence), DCM_RescaleSlope, "2");
  }));
  int refused = 0;
  for (int round = 0; round < 600; ++round) {
    std::string bytes = whole;
    for (int flips = 0; flips <= round % 6; ++flips) {
      bytes[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.Below(256));
    }
    const StudyOf made({bytes});
    try {
      const DicomStudy study = Inspect(made);
      for (const DicomSeries& series : study.series) (void)ReadDicomSeries(series, made.root(), {});
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace dinsd
