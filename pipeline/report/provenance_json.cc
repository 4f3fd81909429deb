#include <dcmtk/dcmdata/dcuid.h>
#include <png.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "model/device.h"
#include "model/manifest_json.h"
#include "pipeline/interval/interval_options_json.h"
#include "pipeline/read/station_image.h"
#include "pipeline/report/method.h"
#include "pipeline/report/report.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/report_json.h"
#include "pipeline/report/review_json.h"

namespace dinsd {
namespace {

using nlohmann::json;

json InputsJson(const StudyResult& result) {
  json inputs = json::array();
  for (const FileDigest& digest : result.study.digests) {
    inputs.push_back({{"file", digest.file},
                      {"sha256", TextOrNull(digest.sha256)},
                      {"pixel_sha256", TextOrNull(digest.pixel_sha256)},
                      {"sop_instance_uid", TextOrNull(digest.sop_instance_uid)}});
  }
  return inputs;
}

// Of each segmented file, the frames that are slices of what was segmented; none where it is one slice.
json FramesJson(const StudyResult& result) {
  json all = json::array();
  for (const std::string& file : result.image.files) {
    json frames = json::array();
    for (const StudyImage* image : StationsOf(result.image)) {
      for (const FramePlace& place : image->frames) {
        if (image->files.at(place.file) == file) frames.push_back(place.frame);
      }
    }
    all.push_back(frames);
  }
  return all;
}

json VersionsJson() {
  return {{"dinsd", DINSD_VERSION},
          {"compiler", __VERSION__},
          {"libtorch", TorchVersion()},
          {"dcmtk", OFFIS_DCMTK_VERSION_STRING},
          {"nlohmann_json", json::meta()["version"]["string"]},
          {"libpng", png_get_libpng_ver(nullptr)},
          {"zlib", zlibVersion()}};
}

json TimingsJson(const StudyResult& result) {
  json timings = json::array();
  for (const StageTiming& timing : result.timings) {
    timings.push_back({{"stage", timing.stage}, {"seconds", timing.seconds}});
  }
  return timings;
}

}  // namespace

json ProvenanceJson(const StudyResult& result, const ReportContext& context) {
  json provenance = {
      {"schema", "dinsd-provenance/1"},
      {"job_id", TextOrNull(context.job_id)},
      {"revision", context.revision},
      {"created", TextOrNull(context.created)},
      {"software", TextOrNull(context.software)},
      {"versions", VersionsJson()},
      {"inputs", InputsJson(result)},
      {"segmented_files", result.image.files},
      {"segmented_frames", FramesJson(result)},
      {"prompts", {{"file", TextOrNull(result.prompts.file)}, {"sha256", TextOrNull(result.prompts.sha256)}}},
      {"weights",
       {{"name", TextOrNull(result.weights_name)},
        {"sha256", TextOrNull(result.weights_sha256)},
        {"manifest", json::parse(ManifestToJson(result.manifest))}}},
      {"options", OptionsJson(result.options)},
      {"options_sha256", OptionsDigest(result.options)},
      {"interval", IntervalOptionsJson(result.options.interval)},
      {"mode", TextOrNull(result.mode)},
      {"mode_reason", TextOrNull(result.mode_reason)},
      {"device", TextOrNull(result.device)},
      {"timings", TimingsJson(result)},
      {"peak_memory_gib", result.peak_memory_gib > 0 ? json(result.peak_memory_gib) : json()}};
  if (result.review) provenance["review"] = ReviewJson(*result.review);
  if (!result.object_uids.empty()) provenance["objects"] = result.object_uids;
  if (result.imported) {
    provenance["imported"] = ImportedJson(*result.imported);
    provenance["weights"] = {{"name", nullptr}, {"sha256", nullptr}, {"manifest", nullptr}};
  }
  CleanStrings(provenance);
  return provenance;
}

}  // namespace dinsd
