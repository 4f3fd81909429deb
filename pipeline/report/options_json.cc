// Apart from the reports, as the parent digests options and links no report.
#include <nlohmann/json.hpp>

#include "pipeline/report/report_facts.h"
#include "pipeline/report/report_json.h"

namespace dinsd {

using nlohmann::json;

std::string ModeWord(SegmentMode mode) {
  switch (mode) {
    case SegmentMode::kAuto:
      return "auto";
    case SegmentMode::kWhole:
      return "whole";
    case SegmentMode::kBoxes:
      return "boxes";
  }
  return "";
}

json OptionsJson(const SegmentOptions& options) {
  json object = {{"mode", ModeWord(options.mode)},
                 {"threshold", options.threshold},
                 {"average_flips", options.average_flips},
                 {"max_memory_gib", options.max_memory_gib},
                 {"refuse_out_of_domain", options.refuse_out_of_domain},
                 {"measurable_slices", options.measurable_slices}};
  if (!options.guide.empty()) object["guide"] = options.guide;
  if (options.sigma) {
    const Vec3& s = options.sigma->sigma;
    object["sigma"] = {{"zyx", {s.z, s.y, s.x}}, {"unit", SigmaUnitWord(options.sigma->unit)}};
  }
  return object;
}

}  // namespace dinsd
