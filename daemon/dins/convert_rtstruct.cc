#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "daemon/dins/convert.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/write/dicom_rtstruct.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

RtAlgorithm AlgorithmFrom(const std::string& word) {
  if (word == "manual") return RtAlgorithm::kManual;
  return word == "automatic" ? RtAlgorithm::kAutomatic : RtAlgorithm::kSemiautomatic;
}

}  // namespace

NamedMask MaskOfRtStruct(std::span<const std::byte> bytes, const std::string& file, const SourceSeries& series,
                         const ConvertOptions& options) {
  if (options.only_segment != 0) {
    throw std::runtime_error("--segment: " + file + " is an RT Structure Set: take its regions by --region NAME");
  }
  RtStructReading read = RtStructToMask(bytes, file, series, options.regions);
  for (const std::string& note : read.notes) std::printf("%s: %s\n", file.c_str(), note.c_str());
  NamedMask mask{std::move(read.mask), {}};
  for (const RtRegion& region : read.regions) {
    if (!region.name.empty()) mask.names[region.label] = region.name;
  }
  return mask;
}

std::vector<std::string> WriteRtStructOf(const NamedMask& mask, const SourceSeries& series,
                                         const ConvertOptions& options, const std::filesystem::path& folder,
                                         const std::string& stem) {
  const auto& labels = mask.map.labels;
  if (std::all_of(labels.begin(), labels.end(), [](std::uint16_t label) { return label == 0; })) return {};
  RtStructOptions facts{
      .key = KeyOf(mask, options), .created = options.created, .algorithm = AlgorithmFrom(options.algorithm_type)};
  for (const auto& [label, name] : mask.names) facts.regions.push_back({label, name});
  const std::string bytes = MaskToRtStruct(mask.map, series, facts);
  std::string file = stem + ".dcm";
  WriteSynced(folder / file, bytes);
  std::printf("%s: an RT Structure Set of %zu bytes, read back equal to the mask\n", file.c_str(), bytes.size());
  return {file};
}

}  // namespace dinsd
