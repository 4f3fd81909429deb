#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

enum class ImageFormat { kNifti, kNrrd, kMetaImage, kDicomSeries };

/// The format of an image file by its name's ending: .nii and .nii.gz, .nrrd, .mha; nothing for every other ending.
[[nodiscard]] std::optional<ImageFormat> ImageFormatOf(const std::string& file);

/// The grid of an image file whose voxels are all there: counted, not decoded. Throws InputError as ReadVolume.
[[nodiscard]] GridGeometry ReadVolumeGrid(std::span<const std::byte> bytes, const std::string& file,
                                          const ReadLimits& limits = {});

/// The volume in the bytes of an image file, in LPS. Throws InputError that names `file`: VOLUME_FORMAT (an ending that
/// is not read) and those of ReadNifti, ReadNrrd, ReadMetaImage.
[[nodiscard]] Volume ReadVolume(std::span<const std::byte> bytes, const std::string& file,
                                const ReadLimits& limits = {});

/// Reads one image file that a person named, or that lies on a path of our own: the last part of `path` may not be a
/// link. Throws InputError of ReadFileBytes and ReadVolume, which name the file without its folder.
[[nodiscard]] Volume ReadVolumeFile(const std::filesystem::path& path, const ReadLimits& limits = {});

}  // namespace dinsd
