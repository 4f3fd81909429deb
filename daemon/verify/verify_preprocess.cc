#include <cmath>
#include <fstream>
#include <iterator>

#include "daemon/verify/fixture_set.h"
#include "model/network_grid.h"
#include "pipeline/read/nifti.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

constexpr double kInputTolerance = 1e-5;

std::vector<float> ReadAsPublished(const std::filesystem::path& path, Size3& size) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const Volume volume = ReadNifti(std::as_bytes(std::span(bytes)), path.filename().string());
  const AxisMap map = ChooseAxes(volume.grid, AxisRule::kWorldAxes);
  size = map.Size();
  std::vector<float> array = ToArray<float>(volume.voxels, map);
  for (float& v : array) v = std::trunc(v);  // the published reader casts to int16
  return array;
}

void VerifyArray(const FixtureFolder& fixture, const nlohmann::json& a_case, const char* nifti, const char* key) {
  Size3 size;
  const std::vector<float> got = ReadAsPublished(fixture.path() / a_case.at(nifti).get<std::string>(), size);
  const NpyArray expected = fixture.Array(a_case, key);
  const double worst = size == SizeOf(expected) ? WorstDifference(got, expected.values, 1) : got.size();
  fixture.Add(a_case.at("case").get<std::string>() + " " + key, worst, 0);
}

}  // namespace

void VerifyPreprocess(const FixtureFolder& fixture, const VerificationConstants& constants) {
  for (const auto& a_case : fixture.description().at("cases")) {
    VerifyArray(fixture, a_case, "nifti", "array_zyx");
    VerifyArray(fixture, a_case, "label_nifti", "label_zyx");
    Size3 size;
    std::vector<float> array = ReadAsPublished(fixture.path() / a_case.at("nifti").get<std::string>(), size);
    for (float& v : array) v = std::max(v, 0.0F);  // the released test loader clips negatives
    const NetworkGrid grid(size, a_case.at("test_height"), a_case.at("test_width"), constants.edge);
    fixture.Add(a_case.at("case").get<std::string>() + " network input",
                WorstDifference(grid.Image(array, Normalisation::kZScorePositive),
                                fixture.Array(a_case, "network_input").values, 1),
                kInputTolerance);
  }
}

}  // namespace dinsd
