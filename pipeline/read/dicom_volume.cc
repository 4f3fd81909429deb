#include <algorithm>
#include <cmath>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

std::vector<float> DecodeSlice(const DicomInstance& instance, const std::filesystem::path& root,
                               const ReadLimits& limits) {
  const std::vector<std::byte> bytes = ReadFileBytes(root, instance.file, limits.max_file_bytes);
  if (Sha256Hex(bytes) != instance.file_sha256) {
    throw InputError("INPUT_CHANGED", instance.file, "", "its bytes are no longer those that were inspected");
  }
  return DecodePixels(bytes, instance.file, limits);
}

// Linear interpolation of uneven slices onto the even grid between the first and the last.
void EvenOut(const DicomSeries& series, std::vector<float>& voxels) {
  const std::vector<float> uneven = voxels;
  const std::size_t plane = uneven.size() / series.slice_positions.size();
  std::size_t before = 0;
  for (std::size_t k = 0; k < series.slice_positions.size(); ++k) {
    const double place = static_cast<double>(k) * series.grid.spacing[2];
    while (before + 2 < series.slice_positions.size() && series.slice_positions[before + 1] < place) ++before;
    const double low = series.slice_positions[before], high = series.slice_positions[before + 1];
    const auto part = static_cast<float>(std::clamp((place - low) / (high - low), 0.0, 1.0));
    for (std::size_t i = 0; i < plane; ++i) {
      voxels[k * plane + i] = std::lerp(uneven[before * plane + i], uneven[(before + 1) * plane + i], part);
    }
  }
}

}  // namespace

Volume ReadDicomSeries(const DicomSeries& series, const std::filesystem::path& root, const ReadLimits& limits) {
  if (series.error) throw InputError(*series.error);
  Volume volume;
  volume.grid = series.grid;
  const std::size_t voxels = volume.grid.SizeZyx().VoxelCount();
  if (voxels > limits.max_voxels) {
    throw InputError("LIMIT_EXCEEDED", "", "",
                     std::to_string(voxels) + " voxels, " + std::to_string(limits.max_voxels) + " allowed");
  }
  volume.voxels.reserve(voxels);
  for (const DicomInstance& instance : series.instances) {
    const std::vector<float> slice = DecodeSlice(instance, root, limits);
    volume.voxels.insert(volume.voxels.end(), slice.begin(), slice.end());
  }
  if (volume.voxels.size() != voxels) throw std::logic_error("ReadDicomSeries: slices do not fill their grid");
  if (series.interpolate_slices) EvenOut(series, volume.voxels);
  return volume;
}

}  // namespace dinsd
