#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageFileWriter.h>
#include <itkMetaImageIO.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include <cmath>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"
#include "tests/random.h"
#include "tests/temp_folder.h"
#include "tests/test_data.h"

// ITK as the judge of our own readers: what it writes, and what it makes of real files.

namespace dinsd {
namespace {

template <typename T>
using ItkImage = itk::Image<T, 3>;

itk::ImageIOBase::Pointer IoFor(const std::string& file) {
  if (file.ends_with(".nrrd")) return itk::NrrdImageIO::New().GetPointer();
  if (file.ends_with(".mha")) return itk::MetaImageIO::New().GetPointer();
  return itk::NiftiImageIO::New().GetPointer();
}

// An image on an oblique grid, filled with random values.
template <typename T>
typename ItkImage<T>::Pointer MakeImage(TestRandom& random) {
  auto image = ItkImage<T>::New();
  image->SetRegions(typename ItkImage<T>::SizeType{{9, 7, 5}});
  image->Allocate();
  const double spacing[3] = {1.5625, 1.25, 7.5}, origin[3] = {-120.5, 33.25, 640};
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  const double c = std::cos(0.3), s = std::sin(0.3);
  typename ItkImage<T>::DirectionType direction;
  const double rows[3][3] = {{c, 0, s}, {0, 1, 0}, {s, 0, -c}};
  for (unsigned i = 0; i < 3; ++i) {
    for (unsigned j = 0; j < 3; ++j) direction(i, j) = rows[i][j];
  }
  image->SetDirection(direction);
  for (std::size_t i = 0; i < 9 * 7 * 5; ++i) {
    image->GetBufferPointer()[i] =
        static_cast<T>(static_cast<double>(random.Below(2000)) / 8 - (T(-1) < T(0) ? 100 : 0));
  }
  return image;
}

template <typename T>
void ExpectSame(const Volume& volume, const ItkImage<T>& image) {
  for (unsigned axis = 0; axis < 3; ++axis) {
    EXPECT_EQ(volume.grid.size[axis], static_cast<std::int64_t>(image.GetLargestPossibleRegion().GetSize()[axis]));
    EXPECT_NEAR(volume.grid.spacing[axis], image.GetSpacing()[axis], 1e-5);
    EXPECT_NEAR(volume.grid.origin[axis], image.GetOrigin()[axis], 1e-4);
    for (unsigned row = 0; row < 3; ++row) {
      EXPECT_NEAR(volume.grid.direction[row * 3 + axis], image.GetDirection()(row, axis), 1e-6);
    }
  }
  for (std::size_t i = 0; i < volume.voxels.size(); ++i) {
    ASSERT_EQ(volume.voxels[i], static_cast<float>(image.GetBufferPointer()[i])) << "voxel " << i;
  }
}

template <typename T>
void WriteAndRead(const char* type) {
  TestRandom random(31);
  const TempFolder folder;
  const auto image = MakeImage<T>(random);
  for (const std::string name : {"a.nrrd", "a.mha", "a.nii", "a.nii.gz"}) {
    for (const bool is_compressed : {false, true}) {
      const auto path = folder.path() / name;
      auto writer = itk::ImageFileWriter<ItkImage<T>>::New();
      writer->SetImageIO(IoFor(name));
      writer->SetFileName(path.string());
      writer->SetUseCompression(is_compressed);
      writer->SetInput(image);
      writer->Update();
      SCOPED_TRACE(name + (is_compressed ? " compressed, " : ", ") + type);
      ExpectSame(ReadVolumeFile(path), *image);
    }
  }
}

TEST(ItkImages, OfEveryElementTypeAreReadAsWritten) {
  WriteAndRead<signed char>("signed char");
  WriteAndRead<unsigned char>("unsigned char");
  WriteAndRead<short>("short");
  WriteAndRead<unsigned short>("unsigned short");
  WriteAndRead<int>("int");
  WriteAndRead<unsigned>("unsigned");
  WriteAndRead<float>("float");
  WriteAndRead<double>("double");
}

TEST(ItkImages, OfTheDataFolderAreReadAsItkReadsThem) {
  DINSD_REQUIRE_DATA("small/pyradiomics/data");
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*TestData() / "small/pyradiomics/data")) {
    const std::string file = entry.path().string();
    if (!file.ends_with(".nrrd")) continue;
    SCOPED_TRACE(file);
    auto reader = itk::ImageFileReader<ItkImage<float>>::New();
    reader->SetImageIO(IoFor(file));
    reader->SetFileName(file);
    reader->Update();
    ExpectSame(ReadVolumeFile(file), *reader->GetOutput());
    ++count;
  }
  EXPECT_GT(count, 5);
}

}  // namespace
}  // namespace dinsd
