#include "pipeline/read/jpeg2000.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_study.h"
#include "tests/pipeline/read/frame_maker.h"
#include "tests/pipeline/read/jpeg2000_maker.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

DicomReadOptions Allowed() {
  DicomReadOptions options;
  options.jpeg_2000 = true;
  return options;
}

std::vector<float> Decode(const std::string& bytes, std::vector<int> frames = {0},
                          const DicomReadOptions& options = Allowed()) {
  return DecodePixels(BytesOf(bytes), "a.dcm", frames, {}, options);
}

std::string WhyNot(const std::string& bytes, const DicomReadOptions& options = Allowed(), int frame = 0) {
  try {
    (void)Decode(bytes, {frame}, options);
    return "decoded";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "UNDECODABLE");
    return error.what();
  }
}

std::vector<float> Floats(const std::vector<int>& samples) {
  return {samples.begin(), samples.end()};
}

TEST(Jpeg2000, WithoutLossGivesTheSamplesBack) {
  EXPECT_EQ(Decode(Jpeg2000Slice(3, EncodeJpeg2000(MadeSamples(3)))), Floats(MadeSamples(3)));
  const std::string scaled = Jpeg2000Slice(3, EncodeJpeg2000(MadeSamples(3)), [](DcmDataset& data) {
    Put(data, DCM_RescaleSlope, "2");
    Put(data, DCM_RescaleIntercept, "-1");
  });
  EXPECT_EQ(Decode(scaled)[10], 2 * MadeSamples(3)[10] - 1);
  MadeJpeg2000 below_zero;
  below_zero.is_signed = true;
  const std::string is_signed = Jpeg2000Slice(0, EncodeJpeg2000(MadeSamples(0, -40), below_zero),
                                              [](DcmDataset& data) { PutNumber(data, DCM_PixelRepresentation, 1); });
  EXPECT_EQ(Decode(is_signed), Floats(MadeSamples(0, -40)));
}

TEST(Jpeg2000, IsRefusedUnlessItIsAllowed) {
  const std::string bytes = Jpeg2000Slice(3, EncodeJpeg2000(MadeSamples(3)));
  EXPECT_THAT(WhyNot(bytes, {}), HasSubstr("no decoder for JPEG 2000 lossless: the one that is there is off"));
}

TEST(Jpeg2000, WithLossIsFlagged) {
  MadeJpeg2000 lossy;
  lossy.rows = lossy.columns = 32;
  lossy.ratio = 4;
  std::vector<int> samples;
  for (int at = 0; at < 32 * 32; ++at) samples.push_back(1000 + at % 32 * 20 + at / 32 * 10);
  MadeStudy made(0);
  for (int k = 0; k < 6; ++k) {
    made.Write("slice" + std::to_string(k) + ".dcm", Jpeg2000Slice(
                                                         k, EncodeJpeg2000(samples, lossy),
                                                         [](DcmDataset& data) {
                                                           PutNumber(data, DCM_Rows, 32);
                                                           PutNumber(data, DCM_Columns, 32);
                                                           Put(data, DCM_LossyImageCompressionRatio, "4");
                                                         },
                                                         EXS_JPEG2000));
  }
  const DicomStudy study = InspectDicomStudy(made.files(), made.root(), Allowed(), {});
  ASSERT_FALSE(study.series.at(0).error) << study.series[0].error->what();
  EXPECT_THAT(study.series[0].notes, Contains(HasSubstr("compressed with loss (ratio 4)")));
  const Volume volume = ReadDicomSeries(study.series[0], made.root(), {}, Allowed());
  double worst = 0;
  for (std::size_t at = 0; at < samples.size(); ++at)
    worst = std::max(worst, std::abs(static_cast<double>(volume.voxels[at]) - samples[at]));
  EXPECT_GT(worst, 0);
  EXPECT_LT(worst, 60);
}

TEST(Jpeg2000, OfFramesIsFoundInItsFragments) {
  const std::vector<int> order = {3, 0, 7, 5, 1, 6, 2, 4};
  std::vector<std::string> streams;
  for (const int k : order) streams.push_back(EncodeJpeg2000(MadeSamples(k)));
  const auto file = [&](const std::vector<std::string>& some, const Fragmentation& how) {
    DcmDataset data = MultiFrameDataSet(FramesFor(order));
    PutCodeStreams(data, some, EXS_JPEG2000LosslessOnly, how);
    return FileOf(data, EXS_JPEG2000LosslessOnly);
  };
  for (const Fragmentation& how : {Fragmentation{true}, Fragmentation{false}, Fragmentation{true, 64}}) {
    const std::vector<float> pixels = Decode(file(streams, how), {3, 8});
    std::vector<int> expected = MadeSamples(7);
    for (const int sample : MadeSamples(4)) expected.push_back(sample);
    EXPECT_EQ(pixels, Floats(expected));
  }
  EXPECT_THAT(WhyNot(file(streams, {false, 64}), Allowed(), 1),
              HasSubstr("fragments without a table of offsets, 8 frames"));
  streams.pop_back();
  EXPECT_THAT(WhyNot(file(streams, {true}), Allowed(), 1), HasSubstr("table of offsets is not of these frames"));
  EXPECT_THAT(WhyNot(file(streams, {false}), Allowed(), 1), HasSubstr("7 fragments without a table"));
}

TEST(Jpeg2000, OfAnotherImageIsRefusedBeforeItIsDecoded) {
  const auto why = [](const MadeJpeg2000& made, const DicomEdit& edit = {}) {
    const std::vector<int> samples(static_cast<std::size_t>(made.rows * made.columns), 5);
    return WhyNot(Jpeg2000Slice(0, EncodeJpeg2000(samples, made), edit));
  };
  EXPECT_EQ(why({}), "decoded");
  EXPECT_THAT(why({.rows = 7}), HasSubstr("is not of 6 x 8 pixels"));
  EXPECT_THAT(why({.rows = 8, .columns = 6}), HasSubstr("is not of 6 x 8 pixels"));
  EXPECT_THAT(why({.components = 3}), HasSubstr("3 components"));
  EXPECT_THAT(why({.is_signed = true}), HasSubstr("disagree about values below 0"));
  EXPECT_THAT(why({.bits = 12},
                  [](DcmDataset& data) {
                    PutNumber(data, DCM_BitsAllocated, 8);
                    PutNumber(data, DCM_BitsStored, 8);
                    PutNumber(data, DCM_HighBit, 7);
                  }),
              HasSubstr("has 12 bits a pixel, at most 8 fit"));
}

TEST(Jpeg2000, DamagedOrTruncatedIsNeverHalfAnImage) {
  TestRandom random(31);
  const std::string stream = EncodeJpeg2000(MadeSamples(3));
  EXPECT_NE(WhyNot(Jpeg2000Slice(3, "no code stream")), "decoded");
  for (std::size_t length = 0; length + 2 < stream.size(); length += 3) {
    EXPECT_NE(WhyNot(Jpeg2000Slice(3, stream.substr(0, length))), "decoded") << length << " of " << stream.size();
  }
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = stream;
    for (int flips = 0; flips <= round % 4; ++flips) {
      bytes[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(random.Below(256));
    }
    if (WhyNot(Jpeg2000Slice(3, bytes)) != "decoded") ++refused;
  }
  EXPECT_GT(refused, 300);
}

}  // namespace
}  // namespace dinsd
