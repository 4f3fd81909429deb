#include "pipeline/read/volume_file.h"

#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/meta_image.h"
#include "pipeline/read/nifti.h"
#include "pipeline/read/nrrd.h"

namespace dinsd {
namespace {

ImageFormat CheckedFormat(const std::string& file) {
  const auto format = ImageFormatOf(file);
  if (!format) throw InputError("VOLUME_FORMAT", file, "", "only .nii, .nii.gz, .nrrd and .mha are read");
  return *format;
}

}  // namespace

std::optional<ImageFormat> ImageFormatOf(const std::string& file) {
  if (file.ends_with(".nii") || file.ends_with(".nii.gz")) return ImageFormat::kNifti;
  if (file.ends_with(".nrrd")) return ImageFormat::kNrrd;
  if (file.ends_with(".mha")) return ImageFormat::kMetaImage;
  return std::nullopt;
}

GridGeometry ReadVolumeGrid(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const ImageFormat format = CheckedFormat(file);
  if (format == ImageFormat::kNrrd) return ReadNrrdGrid(bytes, file, limits);
  if (format == ImageFormat::kMetaImage) return ReadMetaImageGrid(bytes, file, limits);
  return ReadNiftiGrid(bytes, file, limits);
}

Volume ReadVolume(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const ImageFormat format = CheckedFormat(file);
  if (format == ImageFormat::kNrrd) return ReadNrrd(bytes, file, limits);
  if (format == ImageFormat::kMetaImage) return ReadMetaImage(bytes, file, limits);
  return ReadNifti(bytes, file, limits);
}

Volume ReadVolumeFile(const std::filesystem::path& path, const ReadLimits& limits) {
  const std::string name = path.filename().string();
  (void)CheckedFormat(name);
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return ReadVolume(ReadFileBytes(folder, name, limits.max_file_bytes), name, limits);
}

}  // namespace dinsd
