#include "pipeline/read/nifti.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "pipeline/read/input_error.h"
#include "pipeline/read/nifti_header.h"

namespace dinsd {
namespace {

constexpr std::size_t kSlack = 64 * 1024;
constexpr int kGzipWindow = 15 + 16;

// Inflates step by step, so that nobody is asked for more than `Take` was told.
class GzipStream {
 public:
  GzipStream(std::span<const std::byte> bytes, std::string file) : file_(std::move(file)) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() { inflateEnd(&stream_); }

  // Appends up to `count` bytes; fewer at the end of the stream.
  void Take(std::size_t count, std::vector<std::byte>& out) {
    const std::size_t begin = out.size();
    out.resize(begin + count);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
    stream_.avail_out = static_cast<uInt>(count);
    int status = Z_OK;
    while (stream_.avail_out > 0 && status == Z_OK) status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END)
      throw InputError("NIFTI_TRUNCATED", file_, "", "its compression is broken or cut off");
    out.resize(out.size() - stream_.avail_out);
  }

 private:
  std::string file_;
  z_stream stream_{};
};

bool IsGzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

std::size_t PromisedBytes(const NiftiHeader& header) {
  return header.voxel_offset + header.grid.SizeZyx().VoxelCount() * header.element_bytes;
}

template <typename T>
void Decode(std::span<const std::byte> data, const NiftiHeader& header, std::vector<float>& voxels) {
  for (std::size_t i = 0; i < voxels.size(); ++i) {
    std::array<std::byte, sizeof(T)> raw{};
    std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(i * sizeof(T)), sizeof(T), raw.begin());
    if (header.is_swapped) std::reverse(raw.begin(), raw.end());
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    voxels[i] = static_cast<float>(static_cast<double>(value) * header.slope + header.intercept);
  }
}

std::vector<float> DecodeVoxels(std::span<const std::byte> data, const NiftiHeader& header) {
  std::vector<float> voxels(header.grid.SizeZyx().VoxelCount());
  switch (header.type) {
    case NiftiType::kUint8:
      Decode<std::uint8_t>(data, header, voxels);
      break;
    case NiftiType::kInt8:
      Decode<std::int8_t>(data, header, voxels);
      break;
    case NiftiType::kInt16:
      Decode<std::int16_t>(data, header, voxels);
      break;
    case NiftiType::kUint16:
      Decode<std::uint16_t>(data, header, voxels);
      break;
    case NiftiType::kInt32:
      Decode<std::int32_t>(data, header, voxels);
      break;
    case NiftiType::kUint32:
      Decode<std::uint32_t>(data, header, voxels);
      break;
    case NiftiType::kInt64:
      Decode<std::int64_t>(data, header, voxels);
      break;
    case NiftiType::kUint64:
      Decode<std::uint64_t>(data, header, voxels);
      break;
    case NiftiType::kFloat32:
      Decode<float>(data, header, voxels);
      break;
    case NiftiType::kFloat64:
      Decode<double>(data, header, voxels);
      break;
  }
  return voxels;
}

Volume ReadPlain(std::span<const std::byte> bytes, const NiftiHeader& header, const std::string& file) {
  if (bytes.size() < PromisedBytes(header)) {
    throw InputError(
        "NIFTI_TRUNCATED", file, "",
        std::to_string(bytes.size()) + " bytes, its header promises " + std::to_string(PromisedBytes(header)));
  }
  Volume volume{header.grid, DecodeVoxels(bytes.subspan(header.voxel_offset), header)};
  const bool is_finite =
      std::all_of(volume.voxels.begin(), volume.voxels.end(), [](float v) { return std::isfinite(v); });
  if (!is_finite) throw InputError("NIFTI_NOT_FINITE", file, "", "a voxel is not a finite number");
  return volume;
}

}  // namespace

Volume ReadNifti(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  if (bytes.size() > limits.max_file_bytes) {
    throw InputError("LIMIT_EXCEEDED", file, "",
                     std::to_string(bytes.size()) + " bytes, " + std::to_string(limits.max_file_bytes) + " allowed");
  }
  if (!IsGzip(bytes)) return ReadPlain(bytes, ParseNiftiHeader(bytes, file, limits), file);
  GzipStream stream(bytes, file);
  std::vector<std::byte> plain;
  stream.Take(kNiftiHeaderBytes, plain);
  const NiftiHeader header = ParseNiftiHeader(plain, file, limits);
  const std::size_t promised = PromisedBytes(header);
  stream.Take(promised + kSlack - plain.size(), plain);
  if (plain.size() == promised + kSlack) {
    throw InputError("LIMIT_EXCEEDED", file, "", "inflates to more than its header promises");
  }
  return ReadPlain(plain, header, file);
}

GridGeometry ReadNiftiGrid(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  if (!IsGzip(bytes)) return ParseNiftiHeader(bytes, file, limits).grid;
  GzipStream stream(bytes, file);
  std::vector<std::byte> header;
  stream.Take(kNiftiHeaderBytes, header);
  return ParseNiftiHeader(header, file, limits).grid;
}

}  // namespace dinsd
