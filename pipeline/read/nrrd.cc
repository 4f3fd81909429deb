#include "pipeline/read/nrrd.h"

#include <algorithm>
#include <bit>
#include <map>

#include "pipeline/read/grid_axes.h"
#include "pipeline/read/header_text.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"
#include "pipeline/read/voxel_data.h"

namespace dinsd {
namespace {

// Every field of the format, by its meaning for us: a name that is not here would be a field we do not understand.
enum class Field {
  kDimension,
  kType,
  kEncoding,
  kEndian,
  kSizes,
  kKinds,
  kSpace,
  kSpaceUnits,
  kUnits,
  kOrigin,
  kDirections,
  kDataFile,
  kLineSkip,
  kByteSkip,
  kSpaceDimension
};

const std::map<std::string_view, Field>& Fields() {
  static const std::map<std::string_view, Field> fields = {{"dimension", Field::kDimension},
                                                           {"type", Field::kType},
                                                           {"encoding", Field::kEncoding},
                                                           {"endian", Field::kEndian},
                                                           {"sizes", Field::kSizes},
                                                           {"kinds", Field::kKinds},
                                                           {"space", Field::kSpace},
                                                           {"space units", Field::kSpaceUnits},
                                                           {"units", Field::kUnits},
                                                           {"space origin", Field::kOrigin},
                                                           {"space directions", Field::kDirections},
                                                           {"data file", Field::kDataFile},
                                                           {"datafile", Field::kDataFile},
                                                           {"line skip", Field::kLineSkip},
                                                           {"lineskip", Field::kLineSkip},
                                                           {"byte skip", Field::kByteSkip},
                                                           {"byteskip", Field::kByteSkip},
                                                           {"space dimension", Field::kSpaceDimension}};
  return fields;
}

// Fields that say nothing about voxels or geometry beside those above.
constexpr std::array<std::string_view, 20> kIgnored = {
    "content", "number",     "sample units", "sampleunits",      "min",       "max",      "old min",   "oldmin",
    "old max", "oldmax",     "spacings",     "thicknesses",      "axis mins", "axismins", "axis maxs", "axismaxs",
    "centers", "centerings", "labels",       "measurement frame"};

struct TypeName {
  std::string_view name;
  VoxelType type;
};

constexpr std::array<TypeName, 38> kTypes = {{{"signed char", VoxelType::kInt8},
                                              {"int8", VoxelType::kInt8},
                                              {"int8_t", VoxelType::kInt8},
                                              {"uchar", VoxelType::kUint8},
                                              {"unsigned char", VoxelType::kUint8},
                                              {"uint8", VoxelType::kUint8},
                                              {"uint8_t", VoxelType::kUint8},
                                              {"short", VoxelType::kInt16},
                                              {"short int", VoxelType::kInt16},
                                              {"signed short", VoxelType::kInt16},
                                              {"signed short int", VoxelType::kInt16},
                                              {"int16", VoxelType::kInt16},
                                              {"int16_t", VoxelType::kInt16},
                                              {"ushort", VoxelType::kUint16},
                                              {"unsigned short", VoxelType::kUint16},
                                              {"unsigned short int", VoxelType::kUint16},
                                              {"uint16", VoxelType::kUint16},
                                              {"uint16_t", VoxelType::kUint16},
                                              {"int", VoxelType::kInt32},
                                              {"signed int", VoxelType::kInt32},
                                              {"int32", VoxelType::kInt32},
                                              {"int32_t", VoxelType::kInt32},
                                              {"uint", VoxelType::kUint32},
                                              {"unsigned int", VoxelType::kUint32},
                                              {"uint32", VoxelType::kUint32},
                                              {"uint32_t", VoxelType::kUint32},
                                              {"longlong", VoxelType::kInt64},
                                              {"long long", VoxelType::kInt64},
                                              {"long long int", VoxelType::kInt64},
                                              {"int64", VoxelType::kInt64},
                                              {"int64_t", VoxelType::kInt64},
                                              {"ulonglong", VoxelType::kUint64},
                                              {"unsigned long long", VoxelType::kUint64},
                                              {"unsigned long long int", VoxelType::kUint64},
                                              {"uint64", VoxelType::kUint64},
                                              {"uint64_t", VoxelType::kUint64},
                                              {"float", VoxelType::kFloat32},
                                              {"double", VoxelType::kFloat64}}};

constexpr VoxelErrors kErrors = {"NRRD_TRUNCATED", "NRRD_NOT_FINITE"};

struct NrrdHeader {
  GridGeometry grid;
  VoxelEncoding encoding;
  std::span<const std::byte> data;
};

class NrrdParser {
 public:
  NrrdParser(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits)
      : lines_(bytes), file_(file), limits_(limits) {}

  NrrdHeader Parse() {
    ReadMagic();
    ReadFields();
    if (fields_.contains(Field::kDataFile)) Refuse("NRRD_DETACHED", "data file", "names other files for the voxels");
    NrrdHeader header;
    const auto size = ReadSize();
    header.encoding = ReadEncoding();
    CheckUnits();
    header.grid = GridOf(ReadAxes(), size, file_, "NRRD_SHEARED");
    header.data = lines_.Rest();
    return header;
  }

 private:
  void ReadMagic() {
    const auto line = lines_.Next();
    const bool is_nrrd =
        line && line->size() == 8 && line->starts_with("NRRD000") && line->back() >= '1' && line->back() <= '5';
    if (!is_nrrd) Refuse("NRRD_HEADER", "magic", "is not NRRD0001 to NRRD0005");
  }

  // Up to the empty line before the voxels.
  void ReadFields() {
    for (auto line = lines_.Next(); !line || !line->empty(); line = lines_.Next()) {
      if (!line && fields_.contains(Field::kDataFile)) return;  // a detached header may end with its last field
      if (!line) Refuse("NRRD_TRUNCATED", "", "its header does not end with an empty line within 64 kB");
      if (line->starts_with('#')) continue;
      const std::size_t colon = line->find(':');
      if (colon == std::string_view::npos) Refuse("NRRD_HEADER", "", "a line is neither field, key nor comment");
      if (line->substr(colon).starts_with(":=")) continue;  // a key of the file's own
      TakeField(LowerCase(Trimmed(line->substr(0, colon))), Trimmed(line->substr(colon + 1)));
    }
  }

  void TakeField(const std::string& name, std::string_view value) {
    if (std::find(kIgnored.begin(), kIgnored.end(), name) != kIgnored.end()) return;
    const auto field = Fields().find(name);
    if (field == Fields().end()) Refuse("NRRD_HEADER", name, "is no field of NRRD");
    if (!fields_.emplace(field->second, value).second) Refuse("NRRD_HEADER", name, "is there twice");
  }

  [[nodiscard]] std::string_view Need(Field field, const char* name, const char* code = "NRRD_HEADER") const {
    const auto found = fields_.find(field);
    if (found == fields_.end()) Refuse(code, name, "is missing");
    return found->second;
  }

  [[nodiscard]] std::string_view Get(Field field, std::string_view fallback) const {
    const auto found = fields_.find(field);
    return found == fields_.end() ? fallback : found->second;
  }

  [[nodiscard]] std::array<std::int64_t, 3> ReadSize() const {
    if (Need(Field::kDimension, "dimension") != "3") Refuse("NRRD_HEADER", "dimension", "is not 3");
    const auto size = Sizes(Need(Field::kSizes, "sizes"));
    if (!size) Refuse("NRRD_HEADER", "sizes", "is not three sizes of at least 1");
    CheckVoxelCount(*size, file_, "sizes", limits_);
    for (const std::string_view kind : Words(Get(Field::kKinds, ""))) {
      const std::string word = LowerCase(kind);
      if (word != "domain" && word != "space" && word != "none" && word != "???") {
        Refuse("NRRD_HEADER", "kinds", "an axis is of kind " + QuotedForMessage(word) + ", only space is read");
      }
    }
    return *size;
  }

  [[nodiscard]] VoxelEncoding ReadEncoding() const {
    VoxelEncoding encoding;
    const std::string type = LowerCase(Need(Field::kType, "type"));
    const auto known = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return t.name == type; });
    if (known == kTypes.end()) Refuse("NRRD_HEADER", "type", QuotedForMessage(type) + " is not read");
    encoding.type = known->type;
    const std::string how = LowerCase(Need(Field::kEncoding, "encoding"));
    encoding.is_compressed = how == "gzip" || how == "gz";
    if (!encoding.is_compressed && how != "raw") {
      Refuse("NRRD_ENCODING", "encoding", QuotedForMessage(how) + " is not read, only raw and gzip are");
    }
    if (Get(Field::kLineSkip, "0") != "0") Refuse("NRRD_HEADER", "line skip", "is not 0");
    if (Get(Field::kByteSkip, "0") != "0") Refuse("NRRD_HEADER", "byte skip", "is not 0");
    if (BytesOf(encoding.type) == 1) return encoding;
    const std::string endian = LowerCase(Need(Field::kEndian, "endian"));
    if (endian != "little" && endian != "big") Refuse("NRRD_HEADER", "endian", "is neither little nor big");
    encoding.is_swapped = (endian == "little") != (std::endian::native == std::endian::little);
    return encoding;
  }

  void CheckUnits() const {
    for (const auto& [field, name] : {std::pair{Field::kSpaceUnits, "space units"}, {Field::kUnits, "units"}}) {
      for (const std::string_view unit : Words(Get(field, ""))) {
        if (unit != "\"mm\"" && unit != "\"\"" && unit != "\"millimeter\"") {
          Refuse("NRRD_UNITS", name, QuotedForMessage(std::string(unit)) + " is not mm");
        }
      }
    }
  }

  // Signs that bring the file's world to LPS.
  [[nodiscard]] std::array<double, 3> ReadSpace() const {
    const std::string space = LowerCase(Need(Field::kSpace, "space", "NRRD_SPACE"));
    if (space == "left-posterior-superior" || space == "lps") return {1, 1, 1};
    if (space == "right-anterior-superior" || space == "ras") return {-1, -1, 1};
    if (space == "left-anterior-superior" || space == "las") return {1, -1, 1};
    Refuse("NRRD_SPACE", "space", QuotedForMessage(space) + " is not LPS, RAS or LAS");
  }

  [[nodiscard]] std::array<double, 3> ReadVector(std::string_view text, const char* field) const {
    if (text.starts_with('(') && text.ends_with(')')) {
      std::string inner(text.substr(1, text.size() - 2));
      const bool has_two_commas = std::count(inner.begin(), inner.end(), ',') == 2;
      std::replace(inner.begin(), inner.end(), ',', ' ');
      const auto vector = Numbers<3>(inner);
      if (has_two_commas && vector) return *vector;
    }
    Refuse("NRRD_SPACE", field, "holds " + QuotedForMessage(std::string(text)) + " instead of a vector (x,y,z)");
  }

  // "(a,b,c) (d,e,f) (g,h,i)", with or without blanks inside.
  [[nodiscard]] static std::vector<std::string_view> SplitVectors(std::string_view text) {
    std::vector<std::string_view> parts;
    for (text = Trimmed(text); !text.empty(); text = Trimmed(text)) {
      const std::size_t end = std::min(text.find(')'), text.size() - 1);
      parts.push_back(text.substr(0, end + 1));
      text.remove_prefix(end + 1);
    }
    return parts;
  }

  [[nodiscard]] GridAxes ReadAxes() const {
    const std::array<double, 3> sign = ReadSpace();
    const auto parts = SplitVectors(Need(Field::kDirections, "space directions", "NRRD_SPACE"));
    if (parts.size() != 3) Refuse("NRRD_SPACE", "space directions", "is not three vectors");
    GridAxes axes;
    for (std::size_t axis = 0; axis < 3; ++axis) axes.step[axis] = ReadVector(parts[axis], "space directions");
    axes.origin = ReadVector(Need(Field::kOrigin, "space origin", "NRRD_SPACE"), "space origin");
    for (std::size_t row = 0; row < 3; ++row) {
      for (auto& step : axes.step) step[row] *= sign[row];
      axes.origin[row] *= sign[row];
    }
    return axes;
  }

  [[noreturn]] void Refuse(const char* code, const std::string& field, const std::string& why) const {
    throw InputError(code, file_, field, why);
  }

  HeaderLines lines_;
  const std::string& file_;
  const ReadLimits& limits_;
  std::map<Field, std::string_view> fields_;
};

}  // namespace

Volume ReadNrrd(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const NrrdHeader header = NrrdParser(bytes, file, limits).Parse();
  return ReadVoxelData(header.data, header.grid, header.encoding, file, kErrors);
}

GridGeometry ReadNrrdGrid(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const NrrdHeader header = NrrdParser(bytes, file, limits).Parse();
  CheckVoxelData(header.data, header.grid, header.encoding, file, kErrors);
  return header.grid;
}

}  // namespace dinsd
