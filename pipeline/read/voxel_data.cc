#include "pipeline/read/voxel_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "pipeline/read/inflate.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::size_t kSlack = 64 * 1024;  // so far what is too much is counted

template <typename T>
void Decode(std::span<const std::byte> data, const VoxelEncoding& encoding, std::vector<float>& voxels) {
  for (std::size_t i = 0; i < voxels.size(); ++i) {
    std::array<std::byte, sizeof(T)> raw{};
    std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(i * sizeof(T)), sizeof(T), raw.begin());
    if (encoding.is_swapped) std::reverse(raw.begin(), raw.end());
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    voxels[i] = static_cast<float>(static_cast<double>(value) * encoding.slope + encoding.intercept);
  }
}

std::size_t PromisedBytes(const GridGeometry& grid, const VoxelEncoding& encoding) {
  return grid.SizeZyx().VoxelCount() * BytesOf(encoding.type);
}

void CheckPromise(std::size_t size, std::size_t promised, const std::string& file, const VoxelErrors& errors) {
  if (size == promised) return;
  const std::string more_than = size > promised + kSlack ? "more than " : "";
  throw InputError(size < promised ? errors.truncated : "LIMIT_EXCEEDED", file, "",
                   more_than + std::to_string(std::min(size, promised + kSlack)) +
                       " bytes of voxels, its header promises " + std::to_string(promised));
}

}  // namespace

std::size_t BytesOf(VoxelType type) {
  constexpr std::array<std::size_t, 10> kBytes = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
  return kBytes.at(static_cast<std::size_t>(type));
}

std::vector<float> DecodeVoxels(std::span<const std::byte> data, const VoxelEncoding& encoding, std::size_t count) {
  using Decoder = void (*)(std::span<const std::byte>, const VoxelEncoding&, std::vector<float>&);
  constexpr std::array<Decoder, 10> kDecoders = {
      Decode<std::int8_t>,   Decode<std::uint8_t>, Decode<std::int16_t>,  Decode<std::uint16_t>, Decode<std::int32_t>,
      Decode<std::uint32_t>, Decode<std::int64_t>, Decode<std::uint64_t>, Decode<float>,         Decode<double>};
  std::vector<float> voxels(count);
  kDecoders.at(static_cast<std::size_t>(encoding.type))(data, encoding, voxels);
  return voxels;
}

void CheckFinite(std::span<const float> voxels, const std::string& file, const char* code) {
  if (std::all_of(voxels.begin(), voxels.end(), [](float v) { return std::isfinite(v); })) return;
  throw InputError(code, file, "", "a voxel is not a finite number");
}

Volume ReadVoxelData(std::span<const std::byte> data, const GridGeometry& grid, const VoxelEncoding& encoding,
                     const std::string& file, const VoxelErrors& errors) {
  const std::size_t promised = PromisedBytes(grid, encoding);
  std::vector<std::byte> inflated;
  if (encoding.is_compressed) {
    InflateStream(data, errors.truncated, file).Take(promised + kSlack + 1, inflated);
    data = inflated;
  }
  CheckPromise(data.size(), promised, file, errors);
  Volume volume{grid, DecodeVoxels(data, encoding, grid.SizeZyx().VoxelCount())};
  CheckFinite(volume.voxels, file, errors.not_finite);
  return volume;
}

void CheckVoxelData(std::span<const std::byte> data, const GridGeometry& grid, const VoxelEncoding& encoding,
                    const std::string& file, const VoxelErrors& errors) {
  const std::size_t promised = PromisedBytes(grid, encoding);
  const std::size_t size =
      encoding.is_compressed ? InflateStream(data, errors.truncated, file).Skip(promised + kSlack + 1) : data.size();
  CheckPromise(size, promised, file, errors);
}

}  // namespace dinsd
