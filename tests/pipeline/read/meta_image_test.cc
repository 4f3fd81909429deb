#include "pipeline/read/meta_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "pipeline/read/input_error.h"
#include "tests/pipeline/read/text_header_bytes.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::ElementsAre;

TextHeaderBytes GoodMetaImage() {
  return TextHeaderBytes(
      "ObjectType = Image\n"
      "NDims = 3\n"
      "BinaryData = True\n"
      "BinaryDataByteOrderMSB = False\n"
      "CompressedData = False\n"
      "TransformMatrix = 1 0 0 0 0 -1 0 1 0\n"
      "Offset = -10 20.5 30\n"
      "CenterOfRotation = 0 0 0\n"
      "AnatomicalOrientation = RSA\n"
      "ElementSpacing = 1.5 2 8\n"
      "DimSize = 4 5 7\n"
      "ElementType = MET_SHORT\n"
      "Scanner = mine\n"
      "ElementDataFile = LOCAL\n");
}

Volume Read(const TextHeaderBytes& image) {
  return ReadMetaImage(image.bytes(), "a.mha");
}

TextHeaderBytes Compressed() {
  return GoodMetaImage().Replace("CompressedData = False", "CompressedData = True").Compress(15);
}

TEST(MetaImage, ComesWithItsVoxels) {
  const Volume volume = Read(GoodMetaImage());
  EXPECT_THAT(volume.grid.size, ElementsAre(4, 5, 7));
  EXPECT_THAT(volume.grid.spacing, ElementsAre(1.5, 2, 8));
  EXPECT_THAT(volume.grid.origin, ElementsAre(-10, 20.5, 30));
  EXPECT_THAT(volume.grid.direction, ElementsAre(1, 0, 0, 0, 0, 1, 0, -1, 0)) << "its matrix is axis after axis";
  EXPECT_EQ(volume.voxels[139], 139);
  EXPECT_EQ(ReadMetaImageGrid(GoodMetaImage().bytes(), "a.mha"), volume.grid);
}

TEST(MetaImage, HasAGridOnlyWhereItsVoxelsAreAllThere) {
  const auto truncated = testing::Throws<InputError>(testing::Property(&InputError::code, "MHA_TRUNCATED"));
  EXPECT_EQ(ReadMetaImageGrid(Compressed().bytes(), "a.mha"), Read(GoodMetaImage()).grid);
  for (TextHeaderBytes image : {GoodMetaImage(), Compressed()}) {
    image.SetData(image.data().substr(0, image.data().size() - 1));
    EXPECT_THAT([&] { (void)ReadMetaImageGrid(image.bytes(), "a.mha"); }, truncated);
  }
}

TEST(MetaImage, IsTheSameCompressed) {
  EXPECT_EQ(Read(Compressed()).voxels, Read(GoodMetaImage()).voxels);
  const std::string size = std::to_string(Compressed().data().size());
  EXPECT_EQ(Read(Compressed().Replace("TransformMatrix", "CompressedDataSize = " + size + "\nTransformMatrix")).voxels,
            Read(GoodMetaImage()).voxels);
}

TEST(MetaImage, IsReadInBothByteOrders) {
  std::string swapped = GoodMetaImage().data();
  for (std::size_t i = 0; i < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
  EXPECT_EQ(Read(GoodMetaImage().Replace("MSB = False", "MSB = True").SetData(swapped)).voxels,
            Read(GoodMetaImage()).voxels);
}

TEST(MetaImage, MayUseTheOtherNamesOfItsKeys) {
  const TextHeaderBytes other = GoodMetaImage()
                                    .Replace("TransformMatrix", "Rotation")
                                    .Replace("Offset", "Position")
                                    .Replace("BinaryDataByteOrderMSB", "ElementByteOrderMSB");
  EXPECT_EQ(Read(other).grid, Read(GoodMetaImage()).grid);
}

struct BadMetaImage {
  const char* code;
  const char* name;
  std::function<void(TextHeaderBytes&)> spoil;
};

void PrintTo(const BadMetaImage& bad, std::ostream* out) {
  *out << bad.name;
}

std::function<void(TextHeaderBytes&)> Replaced(const char* from, const char* to) {
  return [=](TextHeaderBytes& image) { image.Replace(from, to); };
}

class BadMetaImageTest : public testing::TestWithParam<BadMetaImage> {};

TEST_P(BadMetaImageTest, IsNamed) {
  TextHeaderBytes image = GoodMetaImage();
  GetParam().spoil(image);
  EXPECT_THAT([&] { (void)Read(image); }, testing::Throws<InputError>(testing::AllOf(
                                              testing::Property(&InputError::code, GetParam().code),
                                              testing::Property(&InputError::verdict, InputVerdict::kRejected))));
}

INSTANTIATE_TEST_SUITE_P(
    MetaImage, BadMetaImageTest,
    testing::Values(
        BadMetaImage{"MHA_HEADER", "NoMetaImage", [](TextHeaderBytes& i) { i = TextHeaderBytes("hello\n"); }},
        BadMetaImage{"MHA_HEADER", "Tube", Replaced("ObjectType = Image", "ObjectType = Tube")},
        BadMetaImage{"MHA_HEADER", "TwoDimensions", Replaced("NDims = 3", "NDims = 2")},
        BadMetaImage{"MHA_HEADER", "NoSize", Replaced("DimSize = 4 5 7\n", "")},
        BadMetaImage{"MHA_HEADER", "FourSizes", Replaced("4 5 7", "4 5 7 2")},
        BadMetaImage{"MHA_HEADER", "SizeOfZero", Replaced("4 5 7", "4 5 0")},
        BadMetaImage{"MHA_HEADER", "NoType", Replaced("ElementType = MET_SHORT\n", "")},
        BadMetaImage{"MHA_HEADER", "LongOfUnknownSize", Replaced("MET_SHORT", "MET_LONG")},
        BadMetaImage{"MHA_HEADER", "Vectors", Replaced("MET_SHORT", "MET_SHORT_ARRAY")},
        BadMetaImage{"MHA_HEADER", "NoByteOrder", Replaced("BinaryDataByteOrderMSB = False\n", "")},
        BadMetaImage{"MHA_HEADER", "PerhapsCompressed", Replaced("CompressedData = False", "CompressedData = Maybe")},
        BadMetaImage{"MHA_HEADER", "KeyTwice", Replaced("NDims = 3", "NDims = 3\nNDims = 3")},
        BadMetaImage{"MHA_HEADER", "TwoNamesOfOneKey", Replaced("NDims = 3", "NDims = 3\nOrigin = 0 0 0")},
        BadMetaImage{"MHA_HEADER", "HeaderSize", Replaced("NDims = 3", "NDims = 3\nHeaderSize = -1")},
        BadMetaImage{"MHA_HEADER", "NoSpacing", Replaced("ElementSpacing = 1.5 2 8\n", "")},
        BadMetaImage{"MHA_HEADER", "NegativeSpacing", Replaced("1.5 2 8", "1.5 2 -8")},
        BadMetaImage{"MHA_SPACE", "NoMatrix", Replaced("TransformMatrix = 1 0 0 0 0 -1 0 1 0\n", "")},
        BadMetaImage{"MHA_SPACE", "NoOffset", Replaced("Offset = -10 20.5 30\n", "")},
        BadMetaImage{"MHA_SPACE", "OffsetNan", Replaced("-10 20.5 30", "nan 20.5 30")},
        BadMetaImage{"MHA_SPACE", "EightNumbers", Replaced("1 0 0 0 0 -1 0 1 0", "1 0 0 0 0 -1 0 1")},
        BadMetaImage{"MHA_SPACE", "LongDirection", Replaced("1 0 0 0 0 -1 0 1 0", "1 0 0 0 0 -1 0 1.1 0")},
        BadMetaImage{"MHA_SHEARED", "SliceAxis", Replaced("0 1 0\n", "0 0.99995 0.01\n")},
        BadMetaImage{"MHA_SHEARED", "TwoEqualAxes", Replaced("1 0 0 0 0 -1 0 1 0", "1 0 0 1 0 0 0 1 0")},
        BadMetaImage{"MHA_UNITS", "Metres", Replaced("NDims = 3", "NDims = 3\nDistanceUnits = m")},
        BadMetaImage{"MHA_UNITS", "Unknown", Replaced("NDims = 3", "NDims = 3\nDistanceUnits = ?")},
        BadMetaImage{"MHA_ENCODING", "Text", Replaced("BinaryData = True", "BinaryData = False")},
        BadMetaImage{"MHA_ENCODING", "ThreeChannels", Replaced("NDims = 3", "NDims = 3\nElementNumberOfChannels = 3")},
        BadMetaImage{"MHA_ENCODING", "Scaled", Replaced("NDims = 3", "NDims = 3\nElementToIntensityFunctionSlope = 2")},
        BadMetaImage{"MHA_DETACHED", "File", Replaced("LOCAL", "/etc/passwd")},
        BadMetaImage{"MHA_DETACHED", "List", Replaced("LOCAL", "LIST")},
        BadMetaImage{"MHA_TRUNCATED", "OneByteShort", [](TextHeaderBytes& i) { i.SetData(i.data().substr(1)); }},
        BadMetaImage{"MHA_TRUNCATED", "InItsHeader",
                     [](TextHeaderBytes& i) { i.Replace("ElementDataFile = LOCAL\n", "").SetData(""); }},
        BadMetaImage{"MHA_TRUNCATED", "InItsCompression",
                     [](TextHeaderBytes& i) { i = Compressed().SetData(Compressed().data().substr(0, 60)); }},
        BadMetaImage{
            "MHA_TRUNCATED", "LessThanItsCompressedSize",
            [](TextHeaderBytes& i) { i = Compressed().Replace("NDims = 3", "NDims = 3\nCompressedDataSize = 9999"); }},
        BadMetaImage{"MHA_NOT_FINITE", "Nan",
                     [](TextHeaderBytes& i) { i.Replace("MET_SHORT", "MET_FLOAT").SetData(std::string(560, '\xFF')); }},
        BadMetaImage{
            "MHA_NOT_FINITE", "BeyondFloat",
            [](TextHeaderBytes& i) { i.Replace("MET_SHORT", "MET_DOUBLE").SetData(std::string(1120, '\x7E')); }},
        BadMetaImage{"LIMIT_EXCEEDED", "HugeSizes", Replaced("4 5 7", "2000000000 2000000000 2000000000")},
        BadMetaImage{"LIMIT_EXCEEDED", "OneByteLong", [](TextHeaderBytes& i) { i.SetData(i.data() + "x"); }},
        BadMetaImage{"LIMIT_EXCEEDED", "BytesAfterItsCompression",
                     [](TextHeaderBytes& i) { i = Compressed().SetData(Compressed().data() + "x"); }},
        BadMetaImage{
            "LIMIT_EXCEEDED", "MoreThanItsCompressedSize",
            [](TextHeaderBytes& i) { i = Compressed().Replace("NDims = 3", "NDims = 3\nCompressedDataSize = 9"); }},
        BadMetaImage{"LIMIT_EXCEEDED", "BytesBeyondItsVoxels",
                     [](TextHeaderBytes& i) { i.SetData(std::string(100'000, 'x')); }},
        BadMetaImage{"LIMIT_EXCEEDED", "Bomb",
                     [](TextHeaderBytes& i) {
                       i.Replace("CompressedData = False", "CompressedData = True")
                           .SetData(std::string(8 << 20, 'x'))
                           .Compress(15);
                     }}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

TEST(MetaImage, NeverCrashesOnAPrefixOrAFlippedBit) {
  TestRandom random(22);
  const auto try_to_read = [](const std::vector<std::byte>& bytes) {
    try {
      (void)ReadMetaImage(bytes, "x", {.max_voxels = 1 << 20});
    } catch (const InputError&) {
    }
  };
  for (const auto& whole : {GoodMetaImage().bytes(), Compressed().bytes()}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      try_to_read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    }
    for (int round = 0; round < 3000; ++round) {
      std::vector<std::byte> spoiled = whole;
      for (int n = 0; n < 3; ++n) {
        spoiled[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(whole.size())))] ^=
            std::byte{static_cast<unsigned char>(1U << random.Below(8))};
      }
      try_to_read(spoiled);
    }
  }
}

}  // namespace
}  // namespace dinsd
