#include "pipeline/write/nifti_writer.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "pipeline/write/nifti_quaternion.h"

namespace dinsd {
namespace {

constexpr std::size_t kVoxelOffset = 352;
constexpr std::int16_t kInt16 = 4, kFloat32 = 16, kUint16 = 512;  // type codes of nifti1.h
constexpr double kCornerToleranceMm = 0.05;                       // half of what the reader allows
constexpr int kCompression = 4;                                   // noise hardly packs better at a higher level

class HeaderBytes {
 public:
  template <typename T>
  void Set(std::size_t offset, T value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(T));
  }
  [[nodiscard]] const std::array<std::byte, kVoxelOffset>& bytes() const { return bytes_; }

 private:
  std::array<std::byte, kVoxelOffset> bytes_{};
};

void CheckGrid(const GridGeometry& grid, std::size_t voxels) {
  for (const std::int64_t size : grid.size) {
    if (size < 1 || size > std::numeric_limits<std::int16_t>::max())
      throw std::invalid_argument("a size of " + std::to_string(size) + " does not fit NIfTI-1");
  }
  if (voxels != grid.SizeZyx().VoxelCount()) throw std::invalid_argument("voxels do not fill the grid");
  const auto is_finite = [](double v) { return std::isfinite(v); };
  if (!std::all_of(grid.direction.begin(), grid.direction.end(), is_finite) ||
      !std::all_of(grid.origin.begin(), grid.origin.end(), is_finite) ||
      !std::all_of(grid.spacing.begin(), grid.spacing.end(), [](double v) { return std::isfinite(v) && v > 0; }))
    throw std::invalid_argument("the geometry is not finite");
}

// Direction and origin with the first two world axes turned round: RAS.
GridGeometry RasFromLps(GridGeometry grid) {
  for (std::size_t row = 0; row < 2; ++row) {
    grid.origin[row] = -grid.origin[row];
    for (std::size_t axis = 0; axis < 3; ++axis) grid.direction[row * 3 + axis] *= -1;
  }
  return grid;
}

// Whether the quaternion puts every corner where the matrix does.
bool IsNear(const GridGeometry& ras, const std::array<double, 9>& rotation) {
  double far = 0;
  for (std::size_t row = 0; row < 3; ++row) {
    double difference = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      difference += std::abs(ras.direction[row * 3 + axis] - rotation[row * 3 + axis]) * ras.spacing[axis] *
                    static_cast<double>(ras.size[axis] - 1);
    }
    far = std::max(far, difference);
  }
  return far <= kCornerToleranceMm;
}

void SetGeometry(HeaderBytes& header, const GridGeometry& ras) {
  const NiftiQuaternion quaternion = QuaternionOf(ras.direction);
  header.Set(76, quaternion.mirror);
  header.Set<std::int16_t>(252, IsNear(ras, RotationOf(quaternion)) ? 1 : 0);  // qform_code
  header.Set<std::int16_t>(254, 1);                                            // sform_code
  for (std::size_t row = 0; row < 3; ++row) {
    header.Set(80 + 4 * row, static_cast<float>(ras.spacing[row]));  // pixdim
    header.Set(256 + 4 * row, quaternion.bcd[row]);                  // quatern_b, c, d
    header.Set(268 + 4 * row, static_cast<float>(ras.origin[row]));  // qoffset
    for (std::size_t axis = 0; axis < 3; ++axis)
      header.Set(280 + 16 * row + 4 * axis, static_cast<float>(ras.direction[row * 3 + axis] * ras.spacing[axis]));
    header.Set(280 + 16 * row + 12, static_cast<float>(ras.origin[row]));  // srow
  }
}

HeaderBytes HeaderOf(const GridGeometry& grid, std::int16_t type, std::size_t element_bytes) {
  HeaderBytes header;
  header.Set<std::int32_t>(0, 348);
  header.Set<char>(38, 'r');
  header.Set<std::int16_t>(40, 3);  // dim
  for (std::size_t axis = 0; axis < 3; ++axis) header.Set(42 + 2 * axis, static_cast<std::int16_t>(grid.size[axis]));
  for (std::size_t d = 4; d < 8; ++d) header.Set<std::int16_t>(40 + 2 * d, 1);
  header.Set(70, type);
  header.Set(72, static_cast<std::int16_t>(8 * element_bytes));
  header.Set(108, static_cast<float>(kVoxelOffset));
  header.Set(112, 1.0F);             // scl_slope
  header.Set<std::uint8_t>(123, 2);  // mm
  SetGeometry(header, RasFromLps(grid));
  std::array<char, 4> magic = {'n', '+', '1', '\0'};
  header.Set(344, magic);
  return header;
}

template <typename Stored, typename T>
std::vector<std::byte> FileBytes(const GridGeometry& grid, std::int16_t type, const std::vector<T>& voxels) {
  CheckGrid(grid, voxels.size());
  const HeaderBytes header = HeaderOf(grid, type, sizeof(Stored));
  std::vector<std::byte> bytes(kVoxelOffset + voxels.size() * sizeof(Stored));
  std::copy(header.bytes().begin(), header.bytes().end(), bytes.begin());
  for (std::size_t i = 0; i < voxels.size(); ++i) {
    const auto value = static_cast<Stored>(voxels[i]);
    std::memcpy(bytes.data() + kVoxelOffset + i * sizeof(Stored), &value, sizeof(Stored));
  }
  return bytes;
}

// zlib's own gzip header holds neither a time nor a name, so equal input gives equal output.
std::vector<std::byte> Gzip(std::vector<std::byte>& plain) {
  constexpr int kGzipWindow = 15 + 16, kMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, kCompression, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::vector<std::byte> out(deflateBound(&stream, plain.size()));
  stream.next_in = reinterpret_cast<Bytef*>(plain.data());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  int status = Z_OK;
  while (status == Z_OK) {  // step by step: zlib counts in 32 bits
    constexpr std::size_t kStep = std::size_t{1} << 30;
    const std::size_t left = plain.size() - stream.total_in;
    stream.avail_in = static_cast<uInt>(std::min(kStep, left));
    stream.avail_out = static_cast<uInt>(std::min(kStep, out.size() - stream.total_out));
    status = deflate(&stream, left <= kStep ? Z_FINISH : Z_NO_FLUSH);
  }
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib could not compress an image");
  return out;
}

void WriteBytes(const std::filesystem::path& path, std::vector<std::byte> bytes) {
  if (path.extension() == ".gz") bytes = Gzip(bytes);
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
}

bool FitsInt16(const std::vector<float>& voxels) {
  return std::all_of(voxels.begin(), voxels.end(), [](float v) {
    return v >= std::numeric_limits<std::int16_t>::min() && v <= std::numeric_limits<std::int16_t>::max() &&
           v == std::floor(v) && !(v == 0 && std::signbit(v));
  });
}

}  // namespace

void WriteNifti(const std::filesystem::path& path, const Volume& volume) {
  WriteBytes(path, FitsInt16(volume.voxels) ? FileBytes<std::int16_t>(volume.grid, kInt16, volume.voxels)
                                            : FileBytes<float>(volume.grid, kFloat32, volume.voxels));
}

void WriteNifti(const std::filesystem::path& path, const LabelMap& map) {
  WriteBytes(path, FileBytes<std::uint16_t>(map.grid, kUint16, map.labels));
}

}  // namespace dinsd
