#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

// The slices that one file holds, decoded into their places in the volume.
void DecodeFile(const DicomSeries& series, const std::vector<std::size_t>& slices, const std::filesystem::path& root,
                const ReadLimits& limits, const DicomReadOptions& options, std::vector<float>& voxels) {
  const DicomInstance& first = series.instances[slices.front()];
  const std::vector<std::byte> bytes = ReadFileBytes(root, first.file, limits.max_file_bytes);
  std::vector<int> frames;
  for (const std::size_t k : slices) {
    if (series.instances[k].file_sha256 != first.file_sha256)
      throw std::logic_error("DecodeFile: one file, two digests");
    frames.push_back(series.instances[k].frame);
  }
  if (Sha256Hex(bytes) != first.file_sha256) {
    throw InputError("INPUT_CHANGED", first.file, "", "its bytes are no longer those that were inspected");
  }
  const std::vector<float> pixels = DecodePixels(bytes, first.file, frames, limits, options);
  const std::size_t plane = voxels.size() / series.instances.size();
  if (pixels.size() != plane * frames.size()) throw std::logic_error("DecodeFile: slices do not fill their grid");
  for (std::size_t n = 0; n < slices.size(); ++n) {
    const auto from = pixels.begin() + static_cast<std::ptrdiff_t>(n * plane);
    std::copy_n(from, plane, voxels.begin() + static_cast<std::ptrdiff_t>(slices[n] * plane));
  }
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

Volume ReadDicomSeries(const DicomSeries& series, const std::filesystem::path& root, const ReadLimits& limits,
                       const DicomReadOptions& options) {
  if (series.error) throw InputError(*series.error);
  Volume volume;
  volume.grid = series.grid;
  const std::size_t voxels = volume.grid.SizeZyx().VoxelCount();
  if (voxels > limits.max_voxels) {
    throw InputError("LIMIT_EXCEEDED", "", "",
                     std::to_string(voxels) + " voxels, " + std::to_string(limits.max_voxels) + " allowed");
  }
  if (static_cast<std::int64_t>(series.instances.size()) != volume.grid.size[2])
    throw std::logic_error("ReadDicomSeries: slices for another grid");
  volume.voxels.resize(voxels);
  std::map<std::string, std::vector<std::size_t>> slices_of;
  for (std::size_t k = 0; k < series.instances.size(); ++k) slices_of[series.instances[k].file].push_back(k);
  for (const auto& [file, slices] : slices_of) DecodeFile(series, slices, root, limits, options, volume.voxels);
  if (series.interpolate_slices) EvenOut(series, volume.voxels);
  return volume;
}

}  // namespace dinsd
