#include "pipeline/read/nrrd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"
#include "tests/pipeline/read/text_header_bytes.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using testing::ElementsAre;

TextHeaderBytes GoodNrrd() {
  return TextHeaderBytes(
      "NRRD0004\n"
      "# Complete NRRD file format specification at:\n"
      "type: short\n"
      "dimension: 3\n"
      "space: left-posterior-superior\n"
      "sizes: 4 5 7\n"
      "space directions: (1.5,0,0) (0,0,-2) (0,8,0)\n"
      "kinds: domain domain domain\n"
      "endian: little\n"
      "encoding: raw\n"
      "space units: \"mm\" \"mm\" \"mm\"\n"
      "space origin: (-10,20.5,30)\n"
      "source:=a scanner\n"
      "\n");
}

Volume Read(const TextHeaderBytes& nrrd) {
  return ReadNrrd(nrrd.bytes(), "a.nrrd");
}

TEST(Nrrd, ComesAsLpsWithItsVoxels) {
  const Volume volume = Read(GoodNrrd());
  EXPECT_THAT(volume.grid.size, ElementsAre(4, 5, 7));
  EXPECT_THAT(volume.grid.spacing, ElementsAre(1.5, 2, 8));
  EXPECT_THAT(volume.grid.origin, ElementsAre(-10, 20.5, 30));
  EXPECT_THAT(volume.grid.direction, ElementsAre(1, 0, 0, 0, 0, 1, 0, -1, 0));
  EXPECT_EQ(volume.voxels[5], 5);
  EXPECT_EQ(volume.voxels[139], 139);
  EXPECT_EQ(ReadNrrdGrid(GoodNrrd().bytes(), "a.nrrd"), volume.grid);
}

TEST(Nrrd, HasAGridOnlyWhereItsVoxelsAreAllThere) {
  const auto truncated = testing::Throws<InputError>(testing::Property(&InputError::code, "NRRD_TRUNCATED"));
  TextHeaderBytes zipped = GoodNrrd().Replace("raw", "gzip").Compress(15 + 16);
  EXPECT_EQ(ReadNrrdGrid(zipped.bytes(), "a.nrrd"), Read(GoodNrrd()).grid);
  for (TextHeaderBytes nrrd : {GoodNrrd(), zipped}) {
    nrrd.SetData(nrrd.data().substr(0, nrrd.data().size() - 1));
    EXPECT_THAT([&] { (void)ReadNrrdGrid(nrrd.bytes(), "a.nrrd"); }, truncated);
  }
}

TEST(Nrrd, IsTheSameCompressed) {
  EXPECT_EQ(Read(GoodNrrd().Replace("raw", "gzip").Compress(15 + 16)).voxels, Read(GoodNrrd()).voxels);
}

TEST(Nrrd, IsTurnedToLpsFromEverySpaceThatIsRead) {
  const auto grid_in = [](const char* space) {
    return Read(GoodNrrd().Replace("left-posterior-superior", space)).grid;
  };
  EXPECT_EQ(grid_in("LPS"), Read(GoodNrrd()).grid);
  for (const char* ras : {"right-anterior-superior", "RAS"}) {
    EXPECT_THAT(grid_in(ras).origin, ElementsAre(10, -20.5, 30));
    EXPECT_THAT(grid_in(ras).direction, ElementsAre(-1, 0, 0, 0, 0, -1, 0, -1, 0));
  }
  EXPECT_THAT(grid_in("left-anterior-superior").origin, ElementsAre(-10, -20.5, 30));
  EXPECT_THAT(grid_in("LAS").direction, ElementsAre(1, 0, 0, 0, 0, -1, 0, -1, 0));
}

TEST(Nrrd, IsReadInBothByteOrders) {
  std::string swapped = GoodNrrd().data();
  for (std::size_t i = 0; i < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
  EXPECT_EQ(Read(GoodNrrd().Replace("little", "big").SetData(swapped)).voxels, Read(GoodNrrd()).voxels);
}

TEST(Nrrd, MayHoldBytesWithoutAByteOrder) {
  const Volume volume = Read(
      GoodNrrd().Replace("short", "unsigned char").Replace("endian: little\n", "").SetData(std::string(140, '\xFE')));
  EXPECT_EQ(volume.voxels[0], 254);
}

TEST(Nrrd, MayHaveWindowsLinesAndBlanksInVectors) {
  std::string header = GoodNrrd().Replace("(1.5,0,0) (0,0,-2) (0,8,0)", " ( 1.5, 0 ,0)  (0,0,-2)(0, 8, 0) ").header();
  std::string windows;
  for (const char c : header) windows += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(Read(TextHeaderBytes(windows)).grid, Read(GoodNrrd()).grid);
}

struct BadNrrd {
  const char* code;
  const char* name;
  std::function<void(TextHeaderBytes&)> spoil;
};

void PrintTo(const BadNrrd& bad, std::ostream* out) {
  *out << bad.name;
}

std::function<void(TextHeaderBytes&)> Replaced(const char* from, const char* to) {
  return [=](TextHeaderBytes& nrrd) { nrrd.Replace(from, to); };
}

class BadNrrdTest : public testing::TestWithParam<BadNrrd> {};

TEST_P(BadNrrdTest, IsNamed) {
  TextHeaderBytes nrrd = GoodNrrd();
  GetParam().spoil(nrrd);
  EXPECT_THAT([&] { (void)Read(nrrd); }, testing::Throws<InputError>(testing::AllOf(
                                             testing::Property(&InputError::code, GetParam().code),
                                             testing::Property(&InputError::verdict, InputVerdict::kRejected))));
}

INSTANTIATE_TEST_SUITE_P(
    Nrrd, BadNrrdTest,
    testing::Values(
        BadNrrd{"NRRD_HEADER", "Magic", Replaced("NRRD0004", "NRRD0009")},
        BadNrrd{"NRRD_HEADER", "NoMagic", Replaced("NRRD0004\n", "")},
        BadNrrd{"NRRD_HEADER", "NoType", Replaced("type: short\n", "")},
        BadNrrd{"NRRD_HEADER", "Block", Replaced("type: short", "type: block")},
        BadNrrd{"NRRD_HEADER", "FourDimensions", Replaced("dimension: 3", "dimension: 4")},
        BadNrrd{"NRRD_HEADER", "TwoSizes", Replaced("sizes: 4 5 7", "sizes: 4 5")},
        BadNrrd{"NRRD_HEADER", "SizeOfZero", Replaced("sizes: 4 5 7", "sizes: 4 0 7")},
        BadNrrd{"NRRD_HEADER", "NegativeSize", Replaced("sizes: 4 5 7", "sizes: 4 -5 7")},
        BadNrrd{"NRRD_HEADER", "SizeBeyondAnInteger", Replaced("sizes: 4 5 7", "sizes: 4 99999999999999999999 7")},
        BadNrrd{"NRRD_HEADER", "Colours", Replaced("kinds: domain", "kinds: RGB-color")},
        BadNrrd{"NRRD_HEADER", "NoEndian", Replaced("endian: little\n", "")},
        BadNrrd{"NRRD_HEADER", "UnknownEndian", Replaced("endian: little", "endian: middle")},
        BadNrrd{"NRRD_HEADER", "FieldTwice", Replaced("encoding: raw", "encoding: raw\nencoding: raw")},
        BadNrrd{"NRRD_HEADER", "UnknownField", Replaced("encoding: raw", "encoding: raw\nflip: yes")},
        BadNrrd{"NRRD_HEADER", "NoFieldAtAll", Replaced("encoding: raw", "encoding: raw\nhello")},
        BadNrrd{"NRRD_HEADER", "ByteSkip", Replaced("encoding: raw", "encoding: raw\nbyte skip: 10")},
        BadNrrd{"NRRD_HEADER", "LineSkip", Replaced("encoding: raw", "encoding: raw\nline skip: 1")},
        BadNrrd{"NRRD_SPACE", "NoSpace", Replaced("space: left-posterior-superior\n", "")},
        BadNrrd{"NRRD_SPACE", "OnlyItsDimension", Replaced("space: left-posterior-superior", "space dimension: 3")},
        BadNrrd{"NRRD_SPACE", "ScannerSpace", Replaced("left-posterior-superior", "scanner-xyz")},
        BadNrrd{"NRRD_SPACE", "NoOrigin", Replaced("space origin: (-10,20.5,30)\n", "")},
        BadNrrd{"NRRD_SPACE", "NoDirections", Replaced("space directions: (1.5,0,0) (0,0,-2) (0,8,0)\n", "")},
        BadNrrd{"NRRD_SPACE", "TwoDirections", Replaced("(0,0,-2) (0,8,0)", "(0,0,-2)")},
        BadNrrd{"NRRD_SPACE", "DirectionNone", Replaced("(0,8,0)", "none")},
        BadNrrd{"NRRD_SPACE", "OriginNan", Replaced("(-10,20.5,30)", "(nan,20.5,30)")},
        BadNrrd{"NRRD_SPACE", "OriginInTwoDimensions", Replaced("(-10,20.5,30)", "(20.5,30)")},
        BadNrrd{"NRRD_SHEARED", "SliceAxis", Replaced("(0,8,0)", "(0,8,0.1)")},
        BadNrrd{"NRRD_SHEARED", "AxisOfLengthZero", Replaced("(0,8,0)", "(0,0,0)")},
        BadNrrd{"NRRD_SHEARED", "HugeAxis", Replaced("(0,8,0)", "(0,1e300,0)")},
        BadNrrd{"NRRD_UNITS", "Metres", Replaced("\"mm\" \"mm\" \"mm\"", "\"m\" \"m\" \"m\"")},
        BadNrrd{"NRRD_UNITS", "OneOfThree", Replaced("\"mm\" \"mm\" \"mm\"", "\"mm\" \"mm\" \"um\"")},
        BadNrrd{"NRRD_ENCODING", "Text", Replaced("encoding: raw", "encoding: ascii")},
        BadNrrd{"NRRD_ENCODING", "Bzip2", Replaced("encoding: raw", "encoding: bzip2")},
        BadNrrd{"NRRD_DETACHED", "DataFile", Replaced("encoding: raw", "encoding: raw\ndata file: /etc/passwd")},
        BadNrrd{"NRRD_DETACHED", "DataFileAtTheEnd",
                [](TextHeaderBytes& n) { n.Replace("source:=a scanner\n\n", "datafile: a.raw\n").SetData(""); }},
        BadNrrd{"NRRD_TRUNCATED", "OneByteShort", [](TextHeaderBytes& n) { n.SetData(n.data().substr(1)); }},
        BadNrrd{"NRRD_TRUNCATED", "NoVoxels", [](TextHeaderBytes& n) { n.SetData(""); }},
        BadNrrd{"NRRD_TRUNCATED", "InItsHeader",
                [](TextHeaderBytes& n) { n = TextHeaderBytes("NRRD0004\ntype: short\n").SetData(""); }},
        BadNrrd{"NRRD_TRUNCATED", "InItsCompression",
                [](TextHeaderBytes& n) {
                  n.Replace("raw", "gzip").Compress(15 + 16);
                  n.SetData(n.data().substr(0, 60));
                }},
        BadNrrd{"NRRD_TRUNCATED", "NotCompressed", Replaced("encoding: raw", "encoding: gzip")},
        BadNrrd{"NRRD_NOT_FINITE", "Nan",
                [](TextHeaderBytes& n) { n.Replace("short", "float").SetData(std::string(560, '\xFF')); }},
        BadNrrd{"NRRD_NOT_FINITE", "BeyondFloat",
                [](TextHeaderBytes& n) { n.Replace("short", "double").SetData(std::string(1120, '\x7E')); }},
        BadNrrd{"LIMIT_EXCEEDED", "HugeSizes", Replaced("sizes: 4 5 7", "sizes: 2000000000 2000000000 2000000000")},
        BadNrrd{"LIMIT_EXCEEDED", "CubeOf4096", Replaced("sizes: 4 5 7", "sizes: 4096 4096 4096")},
        BadNrrd{"LIMIT_EXCEEDED", "OneByteLong", [](TextHeaderBytes& n) { n.SetData(n.data() + "x"); }},
        BadNrrd{"LIMIT_EXCEEDED", "OneByteLongCompressed",
                [](TextHeaderBytes& n) { n.Replace("raw", "gzip").SetData(n.data() + "x").Compress(15 + 16); }},
        BadNrrd{"LIMIT_EXCEEDED", "BytesAfterItsCompression",
                [](TextHeaderBytes& n) {
                  n.Replace("raw", "gzip").Compress(15 + 16);
                  n.SetData(n.data() + "x");
                }},
        BadNrrd{"LIMIT_EXCEEDED", "BytesBeyondItsVoxels",
                [](TextHeaderBytes& n) { n.SetData(std::string(100'000, 'x')); }},
        BadNrrd{
            "LIMIT_EXCEEDED", "Bomb",
            [](TextHeaderBytes& n) { n.Replace("raw", "gz").SetData(std::string(8 << 20, 'x')).Compress(15 + 16); }}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

TEST(Nrrd, NeverCrashesOnAPrefixOrAFlippedBit) {
  TestRandom random(21);
  const auto try_to_read = [](const std::vector<std::byte>& bytes) {
    try {
      (void)ReadNrrd(bytes, "x", {.max_voxels = 1 << 20});
    } catch (const InputError&) {
    }
  };
  for (const auto& whole : {GoodNrrd().bytes(), GoodNrrd().Replace("raw", "gzip").Compress(15 + 16).bytes()}) {
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
