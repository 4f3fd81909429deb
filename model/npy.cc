#include "model/npy.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

namespace dinsd {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kPreamble = 10;  // magic, version, header length
constexpr std::int64_t kMaxElements = std::int64_t{1} << 32;

[[noreturn]] void Refuse(const std::filesystem::path& path, const std::string& why) {
  throw std::runtime_error(path.string() + ": " + why);
}

template <typename T>
void Convert(const char* bytes, std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
}

struct ElementType {
  std::size_t bytes;
  void (*convert)(const char*, std::vector<double>&);
};

const std::map<std::string, ElementType>& ElementTypes() {
  static const std::map<std::string, ElementType> kTypes = {
      {"f4", {4, Convert<float>}},         {"f8", {8, Convert<double>}},       {"u1", {1, Convert<std::uint8_t>}},
      {"b1", {1, Convert<std::uint8_t>}},  {"i1", {1, Convert<std::int8_t>}},  {"i2", {2, Convert<std::int16_t>}},
      {"u2", {2, Convert<std::uint16_t>}}, {"i4", {4, Convert<std::int32_t>}}, {"i8", {8, Convert<std::int64_t>}}};
  return kTypes;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Refuse(path, "cannot be opened");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::int64_t> ParseShape(const std::filesystem::path& path, const std::string& header) {
  static const std::regex kShape(R"('shape'\s*:\s*\(([0-9, ]*)\))");
  static const std::regex kNumber("[0-9]{1,12}");
  std::smatch match;
  if (!std::regex_search(header, match, kShape)) Refuse(path, "header without a shape");
  const std::string list = match[1];
  std::vector<std::int64_t> shape;
  for (std::sregex_iterator at(list.begin(), list.end(), kNumber), end; at != end; ++at) {
    shape.push_back(std::stoll(at->str()));
  }
  return shape;
}

}  // namespace

NpyArray ReadNpy(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  if (bytes.size() < kPreamble || bytes.compare(0, 8, "\x93NUMPY\x01\x00", 8) != 0)
    Refuse(path, "no .npy file of version 1.0");
  const std::size_t header_length =
      static_cast<unsigned char>(bytes[8]) | static_cast<std::size_t>(static_cast<unsigned char>(bytes[9])) << 8;
  if (bytes.size() < kPreamble + header_length) Refuse(path, "cut off in its header");
  const std::string header = bytes.substr(kPreamble, header_length);
  static const std::regex kType(R"('descr'\s*:\s*'[<|]([a-z][0-9])')");
  std::smatch type;
  if (!std::regex_search(header, type, kType) || !ElementTypes().contains(type[1]))
    Refuse(path, "element type not known");
  if (header.find("'fortran_order': False") == std::string::npos) Refuse(path, "not in C order");
  NpyArray array{ParseShape(path, header), type[1], {}};
  std::int64_t count = 1;
  for (const std::int64_t n : array.shape) {
    if (n < 0 || (n > 0 && count > kMaxElements / n)) Refuse(path, "too large");
    count *= n;
  }
  const ElementType& element = ElementTypes().at(array.dtype);
  if (bytes.size() - kPreamble - header_length != static_cast<std::size_t>(count) * element.bytes) {
    Refuse(path, "holds " + std::to_string(bytes.size() - kPreamble - header_length) +
                     " bytes of data, its shape needs " +
                     std::to_string(static_cast<std::size_t>(count) * element.bytes));
  }
  array.values.resize(static_cast<std::size_t>(count));
  element.convert(bytes.data() + kPreamble + header_length, array.values);
  return array;
}

}  // namespace dinsd
