#include "pipeline/followup/registration_file.h"

#include <unistd.h>

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "dinsd-registration/1";
constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

// JSON of values, each with its way back. Numbers are written with as many digits as they need to be the same again.

json JsonOf(const GridGeometry& grid) {
  return {{"size", grid.size}, {"spacing", grid.spacing}, {"origin", grid.origin}, {"direction", grid.direction}};
}

GridGeometry GridFrom(const json& j) {
  GridGeometry grid;
  j.at("size").get_to(grid.size);
  j.at("spacing").get_to(grid.spacing);
  j.at("origin").get_to(grid.origin);
  j.at("direction").get_to(grid.direction);
  return grid;
}

json JsonOf(const SpatialMap& map) {
  json splines = json::array();
  for (const SplineLattice& s : map.splines)
    splines.push_back(
        {{"count", s.count}, {"origin", s.origin}, {"spacing", s.spacing}, {"coefficients", s.coefficients}});
  return {{"frame", map.frame}, {"matrix", map.matrix}, {"offset", map.offset}, {"splines", std::move(splines)}};
}

SplineLattice SplineFrom(const json& j) {
  SplineLattice spline;
  j.at("count").get_to(spline.count);
  j.at("origin").get_to(spline.origin);
  j.at("spacing").get_to(spline.spacing);
  j.at("coefficients").get_to(spline.coefficients);
  for (std::size_t d = 0; d < 3; ++d) {
    if (spline.count[d] < 4 || spline.count[d] > 10'000) throw std::invalid_argument("a spline has too few points");
    if (!(spline.spacing[d] > 0)) throw std::invalid_argument("a spline's spacing is not above 0");
  }
  if (static_cast<std::int64_t>(spline.coefficients.size()) != 3 * spline.PointCount())
    throw std::invalid_argument("a spline has another number of coefficients than its lattice");
  return spline;
}

SpatialMap MapFrom(const json& j) {
  SpatialMap map;
  j.at("frame").get_to(map.frame);
  j.at("matrix").get_to(map.matrix);
  j.at("offset").get_to(map.offset);
  for (const json& spline : j.at("splines")) map.splines.push_back(SplineFrom(spline));
  if (!(std::abs(map.Determinant()) > 1e-6)) throw std::invalid_argument("a matrix has no inverse");
  return map;
}

json JsonOf(const Registration& r) {
  json stages = json::array();
  for (const StageSimilarity& s : r.stages)
    stages.push_back({{"stage", s.stage},
                      {"correlation", s.similarity.correlation},
                      {"mutual_information", s.similarity.mutual_information},
                      {"share_imaged", s.similarity.share_imaged}});
  return {{"map", JsonOf(r.map)},
          {"back", r.back ? JsonOf(*r.back) : json()},
          {"stages", std::move(stages)},
          {"affine_determinant", r.affine_determinant},
          {"least_jacobian", r.least_jacobian},
          {"most_jacobian", r.most_jacobian},
          {"folded_share", r.folded_share},
          {"flags", r.flags}};
}

Registration RegistrationFrom(const json& j) {
  Registration r;
  r.map = MapFrom(j.at("map"));
  if (!j.at("back").is_null()) r.back = MapFrom(j.at("back"));
  for (const json& s : j.at("stages"))
    r.stages.push_back({s.at("stage").get<std::string>(),
                        {s.at("correlation").get<double>(), s.at("mutual_information").get<double>(),
                         s.at("share_imaged").get<double>()}});
  j.at("affine_determinant").get_to(r.affine_determinant);
  j.at("least_jacobian").get_to(r.least_jacobian);
  j.at("most_jacobian").get_to(r.most_jacobian);
  j.at("folded_share").get_to(r.folded_share);
  j.at("flags").get_to(r.flags);
  return r;
}

json JsonOf(const StationMap& map) {
  json stations = json::array();
  for (const StationBlock& s : map.stations)
    stations.push_back(
        {{"offset", s.offset}, {"size", s.size}, {"owned", {s.owned_begin, s.owned_end}}, {"moved", s.moved}});
  return {{"grid", JsonOf(map.grid)}, {"axis", map.axis}, {"stations", std::move(stations)}};
}

StationMap StationMapFrom(const json& j) {
  StationMap map;
  map.grid = GridFrom(j.at("grid"));
  j.at("axis").get_to(map.axis);
  if (map.axis > 2) throw std::invalid_argument("the stations' axis is none");
  for (const json& s : j.at("stations")) {
    StationBlock block;
    s.at("offset").get_to(block.offset);
    s.at("size").get_to(block.size);
    block.owned_begin = s.at("owned").at(0).get<std::int64_t>();
    block.owned_end = s.at("owned").at(1).get<std::int64_t>();
    s.at("moved").get_to(block.moved);
    map.stations.push_back(block);
  }
  return map;
}

// JSON has no word for what is not finite, and null would not read back.
void CheckFinite(const json& j) {
  if (j.is_number_float() && !std::isfinite(j.get<double>()))
    throw std::invalid_argument("WriteRegistration: a number is not finite");
  if (j.is_structured()) {
    for (const json& part : j) CheckFinite(part);
  }
}

// Numbers one after the other by their bits: no digit is lost.
class KeyText {
 public:
  void AddBits(const char* name, std::uint64_t bits) {
    text_ += name;
    text_ += ' ';
    text_ += std::to_string(bits);
    text_ += '\n';
  }
  void Add(const char* name, double value) { AddBits(name, std::bit_cast<std::uint64_t>(value)); }
  void Add(const Volume& volume) {
    for (const std::int64_t n : volume.grid.size) Add("size", static_cast<double>(n));
    for (const double v : volume.grid.spacing) Add("spacing", v);
    for (const double v : volume.grid.origin) Add("origin", v);
    for (const double v : volume.grid.direction) Add("direction", v);
    text_ += Sha256Hex(std::as_bytes(std::span(volume.voxels)));
    text_ += '\n';
  }
  void Add(const StudyVolumes& volumes) {
    Add("stations", static_cast<double>(volumes.parts.size()));
    Add(volumes.whole);
    for (const Volume& part : volumes.parts) Add(part);
  }
  void Add(const RegistrationOptions& o) {
    Add("working_mm", o.working_mm);
    Add("start_mm", o.start_mm);
    Add("starts", o.starts);
    Add("rigid_levels", o.rigid_levels);
    Add("linear_iterations", o.linear_iterations);
    Add("samples", static_cast<double>(o.samples));
    Add("bins", o.bins);
    AddBits("seed", o.seed);
    for (const SplinePass& pass : o.splines) {
      Add("pass", pass.working_mm);
      Add("grid", pass.grid_mm);
      Add("iterations", pass.iterations);
    }
    Add("spline_reach", o.spline_reach);
    Add("slice_reach_mm", o.slice_reach_mm);
    Add("bending_weight", o.bending_weight);
    Add("check_round_trip", o.check_round_trip ? 1 : 0);
    Add("least_gain", o.least_gain);
    Add("good_correlation", o.good_correlation);
    Add("least_jacobian", o.least_jacobian);
    Add("most_jacobian", o.most_jacobian);
    Add("folded_share", o.folded_share);
  }

  [[nodiscard]] std::string Digest() const { return Sha256Hex(std::as_bytes(std::span(text_))); }

 private:
  std::string text_ = std::string(kSchema) + "\n";
};

}  // namespace

std::string RegistrationKey(const StudyVolumes& prior, const StudyVolumes& today, const RegistrationOptions& options) {
  KeyText text;
  text.Add(prior);
  text.Add(today);
  text.Add(options);
  return text.Digest();
}

void WriteRegistration(const std::filesystem::path& path, const StudyRegistration& registration,
                       const std::string& key) {
  json parts = json::array();
  for (const Registration& part : registration.parts) parts.push_back(JsonOf(part));
  const json document = {
      {"schema", kSchema}, {"key", key}, {"today", JsonOf(registration.today)}, {"parts", std::move(parts)}};
  CheckFinite(document);
  std::filesystem::path unfinished = path;
  unfinished += ".part-";
  unfinished += std::to_string(::getpid());
  try {
    WriteSynced(unfinished, document.dump() + "\n");
    std::filesystem::rename(unfinished, path);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    throw;
  }
  SyncNamesIn(path.parent_path().empty() ? "." : path.parent_path());
}

StoredRegistration ReadRegistration(const std::filesystem::path& path) {
  const std::string file = path.filename().string();
  const std::vector<std::byte> bytes =
      ReadFileBytes(path.parent_path().empty() ? "." : path.parent_path(), file, kMostBytes);
  try {
    const char* first = reinterpret_cast<const char*>(bytes.data());
    const json document = json::parse(first, first + bytes.size());
    if (document.at("schema") != kSchema) throw std::invalid_argument("it is no dinsd-registration/1");
    StoredRegistration stored;
    document.at("key").get_to(stored.key);
    stored.registration.today = StationMapFrom(document.at("today"));
    for (const json& part : document.at("parts")) stored.registration.parts.push_back(RegistrationFrom(part));
    if (stored.registration.parts.empty() ||
        stored.registration.parts.size() != stored.registration.today.stations.size())
      throw std::invalid_argument("there is not one part for each station");
    return stored;
  } catch (const json::exception& error) {
    throw InputError("REGISTRATION_FORMAT", file, "", error.what());
  } catch (const std::invalid_argument& error) {
    throw InputError("REGISTRATION_FORMAT", file, "", error.what());
  }
}

std::optional<StudyRegistration> FindRegistration(const std::filesystem::path& folder, const std::string& key,
                                                  std::string* damage) {
  const std::filesystem::path path = folder / (key + ".json");
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  std::string why = "it is of another key";
  try {
    StoredRegistration stored = ReadRegistration(path);
    if (stored.key == key) return std::move(stored.registration);
  } catch (const std::exception& damaged) {  // a damaged file is no result
    why = damaged.what();
  }
  if (damage != nullptr) *damage = why;
  return {};
}

}  // namespace dinsd
