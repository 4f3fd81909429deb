#include "pipeline/phantom/phantom_json.h"

#include <cmath>

#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"
#include "pipeline/write/dicom_uid.h"

namespace dinsd {
namespace {

using Json = nlohmann::ordered_json;

double Rounded(double ml) {
  return std::round(ml * 1e4) / 1e4;
}

Json LesionTruth(const PhantomLesion& lesion, std::size_t label) {
  return {{"label", label},
          {"id", lesion.id},
          {"analyticMl", Rounded(lesion.analytic_ml)},
          {"voxelMl", Rounded(lesion.voxel_ml)},
          {"site", lesion.site},
          {"kind", lesion.is_plexiform ? "plexiform" : "nodular"},
          {"depth", lesion.is_superficial ? "superficial" : "internal"},
          {"laterality", std::string(1, lesion.laterality)},
          {"isNew", lesion.is_new},
          {"changeFactor", Rounded(lesion.change_factor)}};
}

}  // namespace

std::string PhantomUid(const PhantomOptions& options, const std::string& what) {
  std::string text = "dinsd phantom " + NameOf(options.preset) + " " + std::to_string(options.seed) + " " + what;
  if (options.changes == PhantomChanges::kWide) text += " wide";
  return UidOfText(text);
}

PhantomIdentity IdentityOf(const PhantomOptions& options) {
  const std::string visit = std::to_string(options.timepoint);
  const int half_years = options.timepoint - 1;
  const std::string date = std::to_string(2021 + half_years / 2) + (half_years % 2 == 0 ? "-03-15" : "-09-15");
  CounterRandom random(options.seed, kIdentityStream);
  const double weight = static_cast<double>(random.Between(48, 96)),
               size = static_cast<double>(random.Between(155, 172));
  return {"PHANTOM-" + NameOf(options.preset) + "-" + std::to_string(options.seed),
          date,
          PhantomUid(options, "study " + visit),
          PhantomUid(options, "series " + visit),
          PhantomUid(options, "frame of reference " + visit),
          weight,
          size / 100,
          static_cast<double>(random.Between(18, 60)) + 0.5 * half_years};
}

Json PromptsJson(const Phantom& phantom, const Json& image) {
  Json lesions = Json::array();
  for (const PhantomLesion& lesion : phantom.lesions) {
    Json clicks = Json::array();
    for (const auto& p : lesion.clicks_lps) {
      clicks.push_back({{"p", p}, {"sign", "+"}, {"order", clicks.size()}, {"status", "verified"}});
    }
    if (clicks.empty()) continue;
    lesions.push_back({{"id", lesion.id},
                       {"type", lesion.is_plexiform ? "plexiform" : "discrete"},
                       {"depth", lesion.is_superficial ? "superficial" : "internal"},
                       {"laterality", std::string(1, lesion.laterality)},
                       {"clicks", clicks}});
  }
  return {{"schema", "dinsd-prompts/1"},
          {"image", image},
          {"space", "LPS-mm"},
          {"lesions", lesions},
          {"provenance",
           {{"source", "simulated"},
            {"created", IdentityOf(phantom.options).study_date + "T12:00:00Z"},
            {"tool", "dins phantom"},
            {"toolVersion", DINSD_VERSION}}}};
}

Json TruthJson(const Phantom& phantom) {
  Json lesions = Json::array();
  for (const PhantomLesion& lesion : phantom.lesions) lesions.push_back(LesionTruth(lesion, lesions.size() + 1));
  return {{"preset", NameOf(phantom.options.preset)},
          {"seed", phantom.options.seed},
          {"timepoint", phantom.options.timepoint},
          {"voxelMl", phantom.truth.grid.VoxelVolumeMl()},
          {"lesions", lesions},
          {"removed", phantom.removed_ids}};
}

}  // namespace dinsd
