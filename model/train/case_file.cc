#include "model/train/case_file.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "DINSCAS1";
constexpr std::size_t kPreamble = 12;
constexpr std::int64_t kMaxVoxels = std::int64_t{1} << 28;

[[noreturn]] void Refuse(const std::filesystem::path& path, const std::string& why) {
  throw std::runtime_error(path.string() + ": " + why);
}

Size3 SizeFrom(const json& header, const char* name) {
  const auto zyx = header.at(name).get<std::array<std::int64_t, 3>>();
  return {zyx[0], zyx[1], zyx[2]};
}

// Both of the image's grid, or neither.
void TakeImageGrid(const json& header, PreparedCase& prepared, const std::filesystem::path& path) {
  if (!header.contains("image_size")) return;
  prepared.image_size = SizeFrom(header, "image_size");
  const auto mm = header.at("image_spacing_mm").get<std::array<double, 3>>();
  prepared.image_spacing_mm = {mm[0], mm[1], mm[2]};
  const Size3& s = prepared.image_size;
  if (s.z < 1 || s.y < 1 || s.x < 1 || !(mm[0] > 0 && mm[1] > 0 && mm[2] > 0))
    Refuse(path, "its image's grid is empty");
}

}  // namespace

void WriteCase(const std::filesystem::path& path, const PreparedCase& prepared) {
  json header = {{"set", prepared.set},
                 {"name", prepared.name},
                 {"split", prepared.split},
                 {"size", {prepared.size.z, prepared.size.y, prepared.size.x}}};
  if (prepared.image_size.VoxelCount() > 0) {
    const Size3& s = prepared.image_size;
    const Vec3& mm = prepared.image_spacing_mm;
    header["image_size"] = {s.z, s.y, s.x};
    header["image_spacing_mm"] = {mm.z, mm.y, mm.x};
  }
  const std::string text = header.dump();
  const auto length = static_cast<std::uint32_t>(text.size());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << kMagic;
  out.write(reinterpret_cast<const char*>(&length), sizeof(length));
  out << text;
  for (const float v : prepared.image) {
    const c10::Half half(v);
    out.write(reinterpret_cast<const char*>(&half.x), sizeof(half.x));
  }
  out.write(reinterpret_cast<const char*>(prepared.mask.data()), static_cast<std::streamsize>(prepared.mask.size()));
  if (!out.flush()) Refuse(path, "cannot be written");
}

PreparedCase ReadCase(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Refuse(path, "cannot be opened");
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() < kPreamble || !bytes.starts_with(kMagic)) Refuse(path, "is no prepared case");
  std::uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kMagic.size(), sizeof(length));
  if (length > bytes.size() - kPreamble) Refuse(path, "cut off in its header");
  PreparedCase prepared;
  try {
    const json header = json::parse(bytes.substr(kPreamble, length));
    header.at("set").get_to(prepared.set);
    header.at("name").get_to(prepared.name);
    header.at("split").get_to(prepared.split);
    prepared.size = SizeFrom(header, "size");
    TakeImageGrid(header, prepared, path);
  } catch (const json::exception& error) {
    Refuse(path, std::string("header: ") + error.what());
  }
  const Size3& s = prepared.size;
  if (s.z < 2 || s.y < 16 || s.x < 16 || s.z % 2 != 0 || s.y % 16 != 0 || s.x % 16 != 0 ||
      s.z > kMaxVoxels / s.y / s.x) {
    Refuse(path, "size is not one of the network's");
  }
  const std::size_t voxels = s.VoxelCount();
  const char* data = bytes.data() + kPreamble + length;
  if (bytes.size() - kPreamble - length != 3 * voxels) Refuse(path, "length does not fit its size");
  prepared.image.resize(voxels);
  for (std::size_t i = 0; i < voxels; ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, data + 2 * i, sizeof(half));
    prepared.image[i] = static_cast<float>(c10::Half(half, c10::Half::from_bits()));
    if (!std::isfinite(prepared.image[i])) Refuse(path, "a voxel is not finite");
  }
  prepared.mask.assign(data + 2 * voxels, data + 3 * voxels);
  if (std::any_of(prepared.mask.begin(), prepared.mask.end(), [](std::uint8_t v) { return v > 1; })) {
    Refuse(path, "its mask is not 0 or 1");
  }
  return prepared;
}

std::vector<PreparedCase> ReadCases(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  if (files.empty()) Refuse(folder, "holds no *.case file: make them with `dins prepare`");
  std::sort(files.begin(), files.end());
  std::vector<PreparedCase> cases;
  cases.reserve(files.size());
  for (const auto& file : files) cases.push_back(ReadCase(file));
  return cases;
}

}  // namespace dinsd
