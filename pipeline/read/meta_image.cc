#include "pipeline/read/meta_image.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "pipeline/read/grid_axes.h"
#include "pipeline/read/header_text.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"
#include "pipeline/read/voxel_data.h"

namespace dinsd {
namespace {

constexpr double kUnitTolerance = 1e-3;  // of a direction's length

// Names of one meaning.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSynonyms = {
    {{"Rotation", "TransformMatrix"},
     {"Orientation", "TransformMatrix"},
     {"Position", "Offset"},
     {"Origin", "Offset"},
     {"ElementByteOrderMSB", "BinaryDataByteOrderMSB"}}};

constexpr std::array<std::pair<std::string_view, VoxelType>, 10> kTypes = {{{"MET_CHAR", VoxelType::kInt8},
                                                                            {"MET_UCHAR", VoxelType::kUint8},
                                                                            {"MET_SHORT", VoxelType::kInt16},
                                                                            {"MET_USHORT", VoxelType::kUint16},
                                                                            {"MET_INT", VoxelType::kInt32},
                                                                            {"MET_UINT", VoxelType::kUint32},
                                                                            {"MET_LONG_LONG", VoxelType::kInt64},
                                                                            {"MET_ULONG_LONG", VoxelType::kUint64},
                                                                            {"MET_FLOAT", VoxelType::kFloat32},
                                                                            {"MET_DOUBLE", VoxelType::kFloat64}}};

constexpr VoxelErrors kErrors = {"MHA_TRUNCATED", "MHA_NOT_FINITE"};

struct MetaHeader {
  GridGeometry grid;
  VoxelEncoding encoding;
  std::span<const std::byte> data;
};

class MetaParser {
 public:
  MetaParser(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits)
      : lines_(bytes), file_(file), limits_(limits) {}

  MetaHeader Parse() {
    ReadFields();
    if (Need("ElementDataFile") != "LOCAL")
      Refuse("MHA_DETACHED", "ElementDataFile", "names other files for the voxels");
    MetaHeader header;
    const auto size = ReadSize();
    header.encoding = ReadEncoding();
    header.grid = GridOf(ReadAxes(), size, file_, "MHA_SHEARED");
    header.data = ReadData(header.encoding.is_compressed);
    return header;
  }

 private:
  // Up to ElementDataFile, after which the voxels begin.
  void ReadFields() {
    while (!fields_.contains("ElementDataFile")) {
      const auto line = lines_.Next();
      if (!line) {
        const bool is_meta_image = fields_.contains("ObjectType") || fields_.contains("NDims");
        Refuse(is_meta_image ? "MHA_TRUNCATED" : "MHA_HEADER", "ElementDataFile", "does not come within 64 kB");
      }
      const std::size_t equals = line->find('=');
      if (equals == std::string_view::npos) Refuse("MHA_HEADER", "", "a line is no `Key = Value`");
      std::string_view name = Trimmed(line->substr(0, equals));
      for (const auto& [synonym, meaning] : kSynonyms) {
        if (name == synonym) name = meaning;
      }
      if (!fields_.emplace(name, Trimmed(line->substr(equals + 1))).second) {
        Refuse("MHA_HEADER", QuotedForMessage(std::string(name)), "is there twice");
      }
    }
  }

  [[nodiscard]] std::string_view Need(const char* name, const char* code = "MHA_HEADER") const {
    const auto found = fields_.find(name);
    if (found == fields_.end()) Refuse(code, name, "is missing");
    return found->second;
  }

  [[nodiscard]] std::string_view Get(const char* name, std::string_view fallback) const {
    const auto found = fields_.find(name);
    return found == fields_.end() ? fallback : found->second;
  }

  [[nodiscard]] bool IsTrue(const char* name, std::string_view fallback) const {
    const std::string value = LowerCase(Get(name, fallback));
    if (value != "true" && value != "false") Refuse("MHA_HEADER", name, "is neither True nor False");
    return value == "true";
  }

  [[nodiscard]] std::array<std::int64_t, 3> ReadSize() const {
    if (Get("ObjectType", "Image") != "Image") Refuse("MHA_HEADER", "ObjectType", "is not Image");
    if (Need("NDims") != "3") Refuse("MHA_HEADER", "NDims", "is not 3");
    const auto size = Sizes(Need("DimSize"));
    if (!size) Refuse("MHA_HEADER", "DimSize", "is not three sizes of at least 1");
    CheckVoxelCount(*size, file_, "DimSize", limits_);
    return *size;
  }

  [[nodiscard]] VoxelEncoding ReadEncoding() const {
    VoxelEncoding encoding;
    const std::string_view type = Need("ElementType");
    const auto known = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) { return t.first == type; });
    if (known == kTypes.end())
      Refuse("MHA_HEADER", "ElementType", QuotedForMessage(std::string(type)) + " is not read");
    encoding.type = known->second;
    encoding.is_compressed = IsTrue("CompressedData", "False");
    if (!IsTrue("BinaryData", "False")) Refuse("MHA_ENCODING", "BinaryData", "is not True");
    if (Get("ElementNumberOfChannels", "1") != "1") Refuse("MHA_ENCODING", "ElementNumberOfChannels", "is not 1");
    CheckNumber("ElementToIntensityFunctionSlope", 1);
    CheckNumber("ElementToIntensityFunctionOffset", 0);
    if (Get("HeaderSize", "0") != "0") Refuse("MHA_HEADER", "HeaderSize", "is not 0");
    if (BytesOf(encoding.type) == 1) return encoding;
    const bool is_big = IsTrue("BinaryDataByteOrderMSB", Need("BinaryDataByteOrderMSB"));
    encoding.is_swapped = is_big != (std::endian::native == std::endian::big);
    return encoding;
  }

  void CheckNumber(const char* name, double expected) const {
    if (fields_.contains(name) && FiniteNumber(Get(name, "")) != expected) {
      Refuse("MHA_ENCODING", name, "is not " + std::to_string(static_cast<int>(expected)));
    }
  }

  [[nodiscard]] GridAxes ReadAxes() const {
    if (LowerCase(Get("DistanceUnits", "mm")) != "mm") Refuse("MHA_UNITS", "DistanceUnits", "is not mm");
    const auto matrix = Numbers<9>(Need("TransformMatrix", "MHA_SPACE"));
    if (!matrix) Refuse("MHA_SPACE", "TransformMatrix", "is not nine numbers");
    const auto offset = Numbers<3>(Need("Offset", "MHA_SPACE"));
    if (!offset) Refuse("MHA_SPACE", "Offset", "is not three numbers");
    const auto spacing = Numbers<3>(Need("ElementSpacing"));
    if (!spacing) Refuse("MHA_HEADER", "ElementSpacing", "is not three numbers");
    GridAxes axes{.origin = *offset};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (std::size_t row = 0; row < 3; ++row) axes.step[axis][row] = (*matrix)[axis * 3 + row];
      if (!(std::abs(axes.Length(axis) - 1) <= kUnitTolerance)) {
        Refuse("MHA_SPACE", "TransformMatrix", "a direction is not of length 1");
      }
      if (!((*spacing)[axis] > 0)) Refuse("MHA_HEADER", "ElementSpacing", "is not above 0");
      const double factor = (*spacing)[axis] / axes.Length(axis);
      for (double& component : axes.step[axis]) component *= factor;
    }
    return axes;
  }

  [[nodiscard]] std::span<const std::byte> ReadData(bool is_compressed) const {
    const std::span<const std::byte> data = lines_.Rest();
    if (!is_compressed || !fields_.contains("CompressedDataSize")) return data;
    const auto size = FiniteNumber(Get("CompressedDataSize", ""));
    if (!size || *size < 0) Refuse("MHA_HEADER", "CompressedDataSize", "is no number of bytes");
    if (*size != static_cast<double>(data.size())) {
      Refuse(*size > static_cast<double>(data.size()) ? "MHA_TRUNCATED" : "LIMIT_EXCEEDED", "CompressedDataSize",
             "is " + std::string(Get("CompressedDataSize", "")) + ", " + std::to_string(data.size()) +
                 " bytes follow the header");
    }
    return data;
  }

  [[noreturn]] void Refuse(const char* code, const std::string& field, const std::string& why) const {
    throw InputError(code, file_, field, why);
  }

  HeaderLines lines_;
  const std::string& file_;
  const ReadLimits& limits_;
  std::map<std::string_view, std::string_view> fields_;
};

}  // namespace

Volume ReadMetaImage(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const MetaHeader header = MetaParser(bytes, file, limits).Parse();
  return ReadVoxelData(header.data, header.grid, header.encoding, file, kErrors);
}

GridGeometry ReadMetaImageGrid(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const MetaHeader header = MetaParser(bytes, file, limits).Parse();
  CheckVoxelData(header.data, header.grid, header.encoding, file, kErrors);
  return header.grid;
}

}  // namespace dinsd
