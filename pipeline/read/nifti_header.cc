#include "pipeline/read/nifti_header.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>

#include "pipeline/read/grid_axes.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kCornerToleranceMm = 0.1;
constexpr double kPixdimTolerance = 1e-3;

class HeaderFields {
 public:
  HeaderFields(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {
    if (bytes.size() < kNiftiHeaderBytes) Refuse("NIFTI_TRUNCATED", "", "shorter than a header of 348 bytes");
    if (Raw<std::int32_t>(0) == static_cast<std::int32_t>(kNiftiHeaderBytes)) return;
    is_swapped_ = true;
    if (Get<std::int32_t>(0) != static_cast<std::int32_t>(kNiftiHeaderBytes))
      Refuse("NIFTI_HEADER", "sizeof_hdr", "is not 348: no NIfTI-1 file");
  }

  template <typename T>
  [[nodiscard]] T Get(std::size_t offset) const {
    std::array<std::byte, sizeof(T)> raw{};
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), sizeof(T), raw.begin());
    if (is_swapped_) std::reverse(raw.begin(), raw.end());
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }

  // A float that must be a number.
  [[nodiscard]] double Number(std::size_t offset, const char* field) const {
    const auto value = static_cast<double>(Get<float>(offset));
    if (!std::isfinite(value)) Refuse("NIFTI_HEADER", field, "is not finite");
    return value;
  }

  [[nodiscard]] bool is_swapped() const { return is_swapped_; }
  [[nodiscard]] const std::string& file() const { return file_; }

  [[noreturn]] void Refuse(const char* code, const std::string& field, const std::string& why) const {
    throw InputError(code, file_, field, why);
  }

 private:
  template <typename T>
  [[nodiscard]] T Raw(std::size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  std::span<const std::byte> bytes_;
  std::string file_;
  bool is_swapped_ = false;
};

// Offsets of the fields in nifti1.h.
constexpr std::size_t kDim = 40, kDatatype = 70, kBitpix = 72, kPixdim = 76, kVoxOffset = 108, kSclSlope = 112,
                      kSclInter = 116, kXyztUnits = 123, kQformCode = 252, kSformCode = 254, kQuatern = 256,
                      kQoffset = 268, kSrow = 280, kMagic = 344;

std::array<std::int64_t, 3> ReadSize(const HeaderFields& h, const ReadLimits& limits) {
  const auto dimensions = h.Get<std::int16_t>(kDim);
  if (dimensions < 3 || dimensions > 7)
    h.Refuse("NIFTI_HEADER", "dim[0]", std::to_string(dimensions) + " dimensions, 3 expected");
  for (std::size_t d = 4; d <= static_cast<std::size_t>(dimensions); ++d) {
    if (h.Get<std::int16_t>(kDim + 2 * d) > 1) h.Refuse("NIFTI_HEADER", "dim", "more than one volume in the file");
  }
  std::array<std::int64_t, 3> size{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    size[axis] = h.Get<std::int16_t>(kDim + 2 * (axis + 1));
    if (size[axis] < 1) h.Refuse("NIFTI_HEADER", "dim", "size " + std::to_string(size[axis]) + " of an axis");
  }
  CheckVoxelCount(size, h.file(), "dim", limits);
  return size;
}

VoxelType ReadType(const HeaderFields& h) {
  static const std::map<std::int16_t, VoxelType> kTypes = {
      {2, VoxelType::kUint8},    {4, VoxelType::kInt16},    {8, VoxelType::kInt32},    {16, VoxelType::kFloat32},
      {64, VoxelType::kFloat64}, {256, VoxelType::kInt8},   {512, VoxelType::kUint16}, {768, VoxelType::kUint32},
      {1024, VoxelType::kInt64}, {1280, VoxelType::kUint64}};
  const auto code = h.Get<std::int16_t>(kDatatype);
  const auto known = kTypes.find(code);
  if (known == kTypes.end()) h.Refuse("NIFTI_HEADER", "datatype", "code " + std::to_string(code) + " is not read");
  if (h.Get<std::int16_t>(kBitpix) != static_cast<std::int16_t>(8 * BytesOf(known->second)))
    h.Refuse("NIFTI_HEADER", "bitpix", "does not fit the datatype");
  return known->second;
}

GridAxes SformOf(const HeaderFields& h) {
  GridAxes affine;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      affine.step[axis][row] = h.Number(kSrow + 16 * row + 4 * axis, "srow");
    }
    affine.origin[row] = h.Number(kSrow + 16 * row + 12, "srow");
  }
  return affine;
}

// The rotation of a quaternion (b, c, d; a >= 0), scaled by pixdim; pixdim[0] < 0 mirrors the third axis.
GridAxes QformOf(const HeaderFields& h, const std::array<double, 3>& pixdim) {
  double b = h.Number(kQuatern, "quatern_b"), c = h.Number(kQuatern + 4, "quatern_c"),
         d = h.Number(kQuatern + 8, "quatern_d");
  const double squares = b * b + c * c + d * d;
  if (squares > 1 + 1e-5) h.Refuse("NIFTI_HEADER", "quatern", "is no rotation");
  double a = std::sqrt(std::max(0.0, 1 - squares));
  // Half a turn: rounding of b, c, d must not show up as its square root in a (NIfTI's own library has the same limit).
  if (1 - squares < 1e-7) {
    a = 0;
    for (double* part : {&b, &c, &d}) *part /= std::sqrt(squares);
  }
  const double mirror = h.Number(kPixdim, "pixdim[0]") < 0 ? -1 : 1;
  GridAxes affine;
  affine.step[0] = {a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)};
  affine.step[1] = {2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)};
  affine.step[2] = {2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (double& v : affine.step[axis]) v *= pixdim[axis] * (axis == 2 ? mirror : 1);
    affine.origin[axis] = h.Number(kQoffset + 4 * axis, "qoffset");
  }
  return affine;
}

double WorstCornerDistance(const GridAxes& a, const GridAxes& b, const std::array<std::int64_t, 3>& size) {
  double worst = 0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    double squared = 0;
    for (std::size_t row = 0; row < 3; ++row) {
      double difference = a.origin[row] - b.origin[row];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double index = (corner >> axis & 1U) != 0 ? static_cast<double>(size[axis] - 1) : 0;
        difference += (a.step[axis][row] - b.step[axis][row]) * index;
      }
      squared += difference * difference;
    }
    worst = std::max(worst, std::sqrt(squared));
  }
  return worst;
}

void CheckLengths(const HeaderFields& h, const GridAxes& affine, const std::array<double, 3>& pixdim) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double length = affine.Length(axis);
    if (!(length > 0) || std::abs(length - pixdim[axis]) > kPixdimTolerance) {
      h.Refuse("NIFTI_PIXDIM", "pixdim[" + std::to_string(axis + 1) + "]",
               "is " + std::to_string(pixdim[axis]) + " mm, the orientation says " + std::to_string(length) + " mm");
    }
  }
}

// The one place where RAS becomes LPS: the first two world axes change sign.
GridAxes LpsFromRas(GridAxes axes) {
  for (std::size_t row = 0; row < 2; ++row) {
    for (auto& step : axes.step) step[row] = -step[row];
    axes.origin[row] = -axes.origin[row];
  }
  return axes;
}

GridGeometry ReadGeometry(const HeaderFields& h, const std::array<std::int64_t, 3>& size) {
  const bool has_sform = h.Get<std::int16_t>(kSformCode) > 0;
  const bool has_qform = h.Get<std::int16_t>(kQformCode) > 0;
  if (!has_sform && !has_qform)
    h.Refuse("NIFTI_NO_CODE", "sform_code", "neither sform nor qform says where the patient is");
  std::array<double, 3> pixdim{};
  for (std::size_t axis = 0; axis < 3; ++axis) pixdim[axis] = h.Number(kPixdim + 4 * (axis + 1), "pixdim");
  std::optional<GridAxes> qform;
  if (has_qform) qform = QformOf(h, pixdim);
  const GridAxes affine = has_sform ? SformOf(h) : *qform;
  CheckLengths(h, affine, pixdim);
  const GridGeometry grid = GridOf(LpsFromRas(affine), size, h.file(), "NIFTI_SHEARED");
  if (has_sform && has_qform && WorstCornerDistance(affine, *qform, size) > kCornerToleranceMm) {
    h.Refuse("NIFTI_SFORM_QFORM", "sform",
             "sform and qform put a corner " + std::to_string(WorstCornerDistance(affine, *qform, size)) + " mm apart");
  }
  return grid;
}

void CheckUnits(const HeaderFields& h) {
  constexpr int kSpaceBits = 7, kUnknown = 0, kMillimetre = 2;
  const int unit = h.Get<std::uint8_t>(kXyztUnits) & kSpaceBits;
  if (unit != kUnknown && unit != kMillimetre)
    h.Refuse("NIFTI_UNITS", "xyzt_units", "space unit code " + std::to_string(unit) + " is not mm");
}

}  // namespace

NiftiHeader ParseNiftiHeader(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const HeaderFields h(bytes, file);
  if (std::memcmp(bytes.data() + kMagic, "n+1\0", 4) != 0)
    h.Refuse("NIFTI_HEADER", "magic", "is not n+1: no single-file NIfTI-1 image");
  NiftiHeader header;
  header.encoding.is_swapped = h.is_swapped();
  const auto size = ReadSize(h, limits);
  header.encoding.type = ReadType(h);
  const double offset = h.Number(kVoxOffset, "vox_offset");
  if (offset < 352 || offset > static_cast<double>(limits.max_file_bytes))
    h.Refuse("NIFTI_HEADER", "vox_offset", "is outside the file");
  header.voxel_offset = static_cast<std::size_t>(offset);
  CheckUnits(h);
  header.grid = ReadGeometry(h, size);
  const auto slope = static_cast<double>(h.Get<float>(kSclSlope));
  const auto intercept = static_cast<double>(h.Get<float>(kSclInter));
  if (std::isfinite(slope) && std::isfinite(intercept) && slope != 0) {  // slope 0: the standard says ignore both
    header.encoding.slope = slope;
    header.encoding.intercept = intercept;
  }
  return header;
}

}  // namespace dinsd
