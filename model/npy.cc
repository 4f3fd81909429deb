#include "model/npy.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

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

// What stands between `open` and `close` after the key, as in 'shape': (2, 3).
std::string ValueOf(const std::filesystem::path& path, const std::string& header, const std::string& key, char open,
                    char close) {
  const auto at = header.find("'" + key + "'");
  const auto begin = at == std::string::npos ? at : header.find(open, at + key.size() + 2);
  const auto end = begin == std::string::npos ? begin : header.find(close, begin + 1);
  if (end == std::string::npos) Refuse(path, "header without '" + key + "'");
  return header.substr(begin + 1, end - begin - 1);
}

std::vector<std::int64_t> ParseShape(const std::filesystem::path& path, const std::string& header) {
  std::istringstream list(ValueOf(path, header, "shape", '(', ')'));
  std::vector<std::int64_t> shape;
  for (std::string number; std::getline(list, number, ',');) {
    number.erase(std::remove(number.begin(), number.end(), ' '), number.end());
    if (number.empty()) continue;  // after the last comma
    std::int64_t n = -1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), n);
    if (error != std::errc() || end != number.data() + number.size()) Refuse(path, "shape is no list of numbers");
    shape.push_back(n);
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
  const std::string descr = ValueOf(path, header, "descr", '\'', '\'');
  const std::string type = descr.empty() || descr.front() == '>' ? "" : descr.substr(1);
  if (!ElementTypes().contains(type)) Refuse(path, "element type not known");
  if (header.find("'fortran_order': False") == std::string::npos) Refuse(path, "not in C order");
  NpyArray array{ParseShape(path, header), type, {}};
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
