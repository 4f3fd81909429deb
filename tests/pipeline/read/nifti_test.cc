#include "pipeline/read/nifti.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"
#include "tests/pipeline/read/nifti_bytes.h"
#include "tests/random.h"
#include "tests/temp_folder.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

TEST(Nifti, ComesAsLpsWithItsVoxels) {
  const Volume volume = ReadNifti(NiftiBytes().bytes(), "a.nii");
  EXPECT_EQ(volume.grid.size, (std::array<std::int64_t, 3>{4, 5, 7}));
  EXPECT_THAT(volume.grid.spacing, testing::ElementsAre(1.5, 1.5, 8));
  EXPECT_THAT(volume.grid.origin, testing::ElementsAre(10, -20, 30));
  EXPECT_THAT(volume.grid.direction, testing::ElementsAre(-1, 0, 0, 0, -1, 0, 0, 0, 1));
  EXPECT_EQ(volume.voxels[0], 0);
  EXPECT_EQ(volume.voxels.back(), 139);
}

TEST(Nifti, IsTheSameCompressed) {
  const NiftiBytes nifti;
  const Volume plain = ReadNifti(nifti.bytes(), "a.nii"), zipped = ReadNifti(nifti.Gzip(), "a.nii.gz");
  EXPECT_EQ(plain.grid, zipped.grid);
  EXPECT_EQ(plain.voxels, zipped.voxels);
}

TEST(Nifti, TakesTheQformWhereItIsAlone) {
  NiftiBytes nifti;
  nifti.Set<std::int16_t>(254, 0).SetQform(1, 2, 3);
  EXPECT_THAT(ReadNifti(nifti.bytes(), "a.nii").grid.origin, testing::ElementsAre(-1, -2, 3));
}

TEST(Nifti, MirrorsTheThirdAxisOfAQformWithANegativeFactor) {
  NiftiBytes nifti;
  nifti.Set<std::int16_t>(254, 0).SetQform(0, 0, 0).Set(76, -1.F);
  EXPECT_EQ(ReadNifti(nifti.bytes(), "a.nii").grid.direction[8], -1);
}

TEST(Nifti, ScalesUnlessTheSlopeIsZero) {
  EXPECT_EQ(ReadNifti(NiftiBytes().Set(112, 2.F).Set(116, 3.F).bytes(), "a").voxels[5], 13);
  EXPECT_EQ(ReadNifti(NiftiBytes().Set(112, 0.F).Set(116, 3.F).bytes(), "a").voxels[5], 5);
}

// Every element type in both byte orders: the file holds 0, 1, 2, ... whatever the type.
struct TypeRow {
  std::int16_t code;
  std::size_t bytes;
  std::function<void(std::byte*, int)> write;
};

template <typename T>
TypeRow Row(std::int16_t code) {
  return {code, sizeof(T), [](std::byte* at, int value) {
            const T typed = static_cast<T>(value);
            std::memcpy(at, &typed, sizeof(T));
          }};
}

class NiftiTypeTest : public testing::TestWithParam<int> {};

TEST_P(NiftiTypeTest, IsReadInBothByteOrders) {
  const std::vector<TypeRow> rows = {Row<std::uint8_t>(2),    Row<std::int16_t>(4),    Row<std::int32_t>(8),
                                     Row<float>(16),          Row<double>(64),         Row<std::int8_t>(256),
                                     Row<std::uint16_t>(512), Row<std::uint32_t>(768), Row<std::int64_t>(1024),
                                     Row<std::uint64_t>(1280)};
  const TypeRow& row = rows[static_cast<std::size_t>(GetParam())];
  NiftiBytes nifti;
  nifti.Set(70, row.code).Set(72, static_cast<std::int16_t>(8 * row.bytes)).Resize(352 + 140 * row.bytes);
  for (int i = 0; i < 140; ++i)
    row.write(nifti.bytes().data() + 352 + static_cast<std::size_t>(i) * row.bytes, i % 100);
  EXPECT_EQ(ReadNifti(nifti.bytes(), "a").voxels[99], 99);

  std::vector<std::byte> swapped = nifti.bytes();
  const auto swap = [&](std::size_t at, std::size_t size) {
    std::reverse(swapped.begin() + static_cast<std::ptrdiff_t>(at),
                 swapped.begin() + static_cast<std::ptrdiff_t>(at + size));
  };
  swap(0, 4);
  for (std::size_t at = 40; at < 56; at += 2) swap(at, 2);
  for (const std::size_t at : {70, 72, 252, 254}) swap(at, 2);
  for (std::size_t at = 76; at < 120; at += 4) swap(at, 4);
  for (std::size_t at = 256; at < 328; at += 4) swap(at, 4);
  for (std::size_t i = 0; i < 140; ++i) swap(352 + i * row.bytes, row.bytes);
  EXPECT_EQ(ReadNifti(swapped, "a").voxels[99], 99);
}

INSTANTIATE_TEST_SUITE_P(All, NiftiTypeTest, testing::Range(0, 10));

// At least two files for each named error.
struct BadNifti {
  const char* code;
  const char* name;
  std::function<void(NiftiBytes&)> spoil;
};

void PrintTo(const BadNifti& bad, std::ostream* out) {
  *out << bad.code;
}

class BadNiftiTest : public testing::TestWithParam<BadNifti> {};

TEST_P(BadNiftiTest, IsRefusedByNameAndFile) {
  NiftiBytes nifti;
  GetParam().spoil(nifti);
  for (const auto& bytes : {nifti.bytes(), nifti.Gzip()}) {
    try {
      (void)ReadNifti(bytes, "study/a.nii");
      ADD_FAILURE() << "was not refused";
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), GetParam().code) << error.what();
      EXPECT_EQ(error.file(), "study/a.nii");
      EXPECT_EQ(error.verdict(), InputVerdict::kRejected);
    }
  }
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    All, BadNiftiTest,
    testing::Values(
        BadNifti{"NIFTI_HEADER", "WrongMagic", [](NiftiBytes& n) { n.Set<char>(345, '-'); }},
        BadNifti{"NIFTI_HEADER", "DetachedMagic", [](NiftiBytes& n) { n.Set<char>(345, 'i'); }},
        BadNifti{"NIFTI_HEADER", "WrongSizeofHdr", [](NiftiBytes& n) { n.Set<std::int32_t>(0, 540); }},
        BadNifti{"NIFTI_HEADER", "TwoDimensions", [](NiftiBytes& n) { n.Set<std::int16_t>(40, 2); }},
        BadNifti{"NIFTI_HEADER", "NegativeSize", [](NiftiBytes& n) { n.Set<std::int16_t>(44, -5); }},
        BadNifti{"NIFTI_HEADER", "ZeroSize", [](NiftiBytes& n) { n.Set<std::int16_t>(46, 0); }},
        BadNifti{"NIFTI_HEADER", "FourVolumes",
                 [](NiftiBytes& n) { n.Set<std::int16_t>(40, 4).Set<std::int16_t>(48, 4); }},
        BadNifti{"NIFTI_HEADER", "ComplexType", [](NiftiBytes& n) { n.Set<std::int16_t>(70, 32); }},
        BadNifti{"NIFTI_HEADER", "WrongBitpix", [](NiftiBytes& n) { n.Set<std::int16_t>(72, 8); }},
        BadNifti{"NIFTI_HEADER", "OffsetInHeader", [](NiftiBytes& n) { n.Set(108, 100.F); }},
        BadNifti{"NIFTI_HEADER", "OffsetNan", [](NiftiBytes& n) { n.Set(108, kNan); }},
        BadNifti{"NIFTI_HEADER", "SrowNan", [](NiftiBytes& n) { n.Set(280, kNan); }},
        BadNifti{"NIFTI_HEADER", "QuaternionTooLong",
                 [](NiftiBytes& n) { n.SetQform(0, 0, 0).Set(256, 1.F).Set(260, 1.F); }},
        BadNifti{"NIFTI_NO_CODE", "BothCodesZero", [](NiftiBytes& n) { n.Set<std::int16_t>(254, 0); }},
        BadNifti{"NIFTI_NO_CODE", "NegativeCodes",
                 [](NiftiBytes& n) { n.Set<std::int16_t>(254, -1).Set<std::int16_t>(252, -1); }},
        BadNifti{"NIFTI_SFORM_QFORM", "OriginsDiffer", [](NiftiBytes& n) { n.SetQform(-10, 20, 31); }},
        BadNifti{"NIFTI_SFORM_QFORM", "AxesDiffer", [](NiftiBytes& n) { n.SetQform(-10, 20, 30).Set(264, 1.F); }},
        BadNifti{"NIFTI_SHEARED", "FirstAxis",
                 [](NiftiBytes& n) {
                   n.SetSrow({1.49F, 0, 0, 0, 0.17263F, 1.5F, 0, 0, 0, 0, 8, 0});
                 }},
        BadNifti{"NIFTI_SHEARED", "SliceAxis",
                 [](NiftiBytes& n) {
                   n.SetSrow({1.5F, 0, 0, 0, 0, 1.5F, 1, 0, 0, 0, 7.93725F, 0});
                 }},
        BadNifti{"NIFTI_PIXDIM", "SpacingDiffers", [](NiftiBytes& n) { n.Set(88, 7.9F); }},
        BadNifti{"NIFTI_PIXDIM", "AxisOfLengthZero",
                 [](NiftiBytes& n) {
                   n.SetSrow({0, 0, 0, 0, 0, 1.5F, 0, 0, 0, 0, 8, 0}).Set(80, 0.F);
                 }},
        BadNifti{"NIFTI_UNITS", "Metres", [](NiftiBytes& n) { n.bytes()[123] = std::byte{1}; }},
        BadNifti{"NIFTI_UNITS", "Micrometres", [](NiftiBytes& n) { n.bytes()[123] = std::byte{3}; }},
        BadNifti{"NIFTI_TRUNCATED", "OneByteShort", [](NiftiBytes& n) { n.Resize(352 + 279); }},
        BadNifti{"NIFTI_TRUNCATED", "InItsHeader", [](NiftiBytes& n) { n.Resize(200); }},
        BadNifti{"NIFTI_NOT_FINITE", "NanVoxel",
                 [](NiftiBytes& n) {
                   n.Set<std::int16_t>(70, 16).Set<std::int16_t>(72, 32).Resize(352 + 560).Set(352, kNan);
                 }},
        BadNifti{
            "NIFTI_NOT_FINITE", "InfiniteVoxel",
            [](NiftiBytes& n) {
              n.Set<std::int16_t>(70, 16).Set<std::int16_t>(72, 32).Resize(352 + 560).Set(400, 2e38F).Set(112, 3.F);
            }},
        BadNifti{"LIMIT_EXCEEDED", "OneByteLong", [](NiftiBytes& n) { n.Resize(352 + 281); }},
        BadNifti{"LIMIT_EXCEEDED", "ASecondVolume", [](NiftiBytes& n) { n.Resize(352 + 560); }},
        BadNifti{"LIMIT_EXCEEDED", "HugeSizes",
                 [](NiftiBytes& n) {
                   n.Set<std::int16_t>(42, 32767).Set<std::int16_t>(44, 32767).Set<std::int16_t>(46, 32767);
                 }},
        BadNifti{"LIMIT_EXCEEDED", "CubeOf4096",
                 [](NiftiBytes& n) {
                   n.Set<std::int16_t>(42, 4096).Set<std::int16_t>(44, 4096).Set<std::int16_t>(46, 4096);
                 }}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

TEST(Nifti, RefusesABombThatInflatesPastItsHeader) {
  NiftiBytes nifti;
  nifti.Resize(8 << 20);
  EXPECT_THAT([&] { (void)ReadNiftiGrid(nifti.Gzip(), "bomb.nii.gz"); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "LIMIT_EXCEEDED")));
  EXPECT_THAT([&] { (void)ReadNifti(nifti.Gzip(), "bomb.nii.gz"); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "LIMIT_EXCEEDED")));
}

std::string ErrorOf(const std::vector<std::byte>& bytes) {
  try {
    (void)ReadNiftiGrid(bytes, "a");
    (void)ReadNifti(bytes, "a");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Nifti, SaysHowManyBytesAreThereAndHowManyShouldBe) {
  const NiftiBytes nifti = NiftiBytes().Resize(352 + 290);
  EXPECT_EQ(ErrorOf(nifti.bytes()), "LIMIT_EXCEEDED: a: 642 bytes, its header promises 632");
  EXPECT_EQ(ErrorOf(nifti.Gzip()), "LIMIT_EXCEEDED: a: 642 bytes, its header promises 632");
}

TEST(Nifti, TakesAnExtensionBeforeItsVoxels) {
  NiftiBytes nifti;
  nifti.Set(348, '\1').Set(108, 384.F);
  nifti.bytes().insert(nifti.bytes().begin() + 352, 32, std::byte{7});
  EXPECT_EQ(ReadNifti(nifti.bytes(), "a").voxels[5], 5);
  EXPECT_EQ(ReadNifti(nifti.Gzip(), "a").voxels[5], 5);
}

TEST(Nifti, TakesZerosAfterItsCompressedDataAndNothingElse) {
  std::vector<std::byte> zipped = NiftiBytes().Gzip();
  zipped.resize(zipped.size() + 1000);
  EXPECT_EQ(ErrorOf(zipped), "");
  zipped.back() = std::byte{1};
  EXPECT_THAT(ErrorOf(zipped), testing::HasSubstr("LIMIT_EXCEEDED: a: 1000 bytes follow its compressed data"));
  std::vector<std::byte> twice = NiftiBytes().Gzip();
  const std::vector<std::byte> again = twice;
  twice.insert(twice.end(), again.begin(), again.end());
  EXPECT_EQ(ErrorOf(twice), "LIMIT_EXCEEDED: a: 1264 bytes, its header promises 632") << "two members are one stream";
}

TEST(Nifti, RefusesAFileThatIsLargerThanAllowed) {
  EXPECT_THAT([] { (void)ReadNifti(NiftiBytes().bytes(), "a", {.max_file_bytes = 100}); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "LIMIT_EXCEEDED")));
}

TEST(Nifti, NeverCrashesOnAPrefixOrAFlippedBit) {
  TestRandom random(17);
  const NiftiBytes good;
  const std::vector<std::byte> zipped = good.Gzip();
  const auto try_to_read = [](const std::vector<std::byte>& bytes) {
    try {
      (void)ReadNifti(bytes, "x", {.max_voxels = 1 << 20});
    } catch (const InputError&) {
    }
  };
  for (const auto& whole : {good.bytes(), zipped}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      try_to_read({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    }
    for (int round = 0; round < 2000; ++round) {
      std::vector<std::byte> spoiled = whole;
      for (int n = 0; n < 3; ++n) {
        spoiled[static_cast<std::size_t>(
            random.Below(static_cast<std::int64_t>(std::min<std::size_t>(400, whole.size()))))] ^=
            std::byte{static_cast<unsigned char>(1U << random.Below(8))};
      }
      try_to_read(spoiled);
    }
  }
}

TEST(VolumeFile, IsReadByItsEnding) {
  const TempFolder folder;
  const auto write = [&](const char* name, const std::vector<std::byte>& bytes) {
    folder.Write(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  };
  write("a.nii", NiftiBytes().bytes());
  write("a.nii.gz", NiftiBytes().Gzip());
  write("a.txt", NiftiBytes().bytes());
  EXPECT_EQ(ReadVolumeFile(folder.path() / "a.nii").voxels, ReadVolumeFile(folder.path() / "a.nii.gz").voxels);
  const auto code_of = [&](const char* name, const ReadLimits& limits = {}) -> std::string {
    try {
      (void)ReadVolumeFile(folder.path() / name, limits);
    } catch (const InputError& error) {
      return error.code();
    }
    return "";
  };
  EXPECT_EQ(code_of("a.txt"), "VOLUME_FORMAT");
  EXPECT_EQ(code_of("gone.nii"), "VOLUME_UNREADABLE");
  std::filesystem::create_directory(folder.path() / "folder.nii");
  EXPECT_EQ(code_of("folder.nii"), "VOLUME_UNREADABLE");
  EXPECT_EQ(code_of("a.nii", {.max_file_bytes = 10}), "LIMIT_EXCEEDED");
}

TEST(VolumeFile, ReadsEveryRealVolumeOfTheDataFolder) {
  DINSD_REQUIRE_DATA("sts_pet/images");
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*TestData() / "sts_pet/images")) {
    const Volume volume = ReadVolumeFile(entry.path());
    EXPECT_EQ(volume.voxels.size(), volume.grid.SizeZyx().VoxelCount());
    EXPECT_NEAR(volume.grid.spacing[2], 3.27, 0.01) << entry.path();
    ++count;
  }
  EXPECT_GT(count, 30);
}

}  // namespace
}  // namespace dinsd
