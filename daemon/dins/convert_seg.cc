#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "daemon/dins/convert.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/report/method.h"
#include "pipeline/write/dicom_seg.h"

namespace dinsd {
namespace {

SegAlgorithmType TypeFrom(const std::string& word) {
  if (word == "manual") return SegAlgorithmType::kManual;
  return word == "automatic" ? SegAlgorithmType::kAutomatic : SegAlgorithmType::kSemiautomatic;
}

std::vector<SegLesion> LesionsOf(const NamedMask& mask) {
  std::vector<bool> is_there(65536);
  for (const std::uint16_t label : mask.map.labels) is_there[label] = true;
  std::vector<SegLesion> lesions;
  for (std::size_t label = 1; label < is_there.size(); ++label) {
    const auto value = static_cast<std::uint16_t>(label);
    if (is_there[label]) lesions.push_back({value, NameOfLabel(mask, value), "", {}, ""});
  }
  return lesions;
}

}  // namespace

NamedMask MaskOfSeg(std::span<const std::byte> bytes, const std::string& file, const SourceSeries& series,
                    const ConvertOptions& options) {
  if (!options.regions.empty())
    throw std::runtime_error("--region: " + file + " is no RT Structure Set: take a segment by --segment N");
  const DicomSeg seg = ReadDicomSeg(bytes, file);
  NamedMask mask{LabelsOnGrid(seg, TargetOf(series), {options.threshold, options.only_segment}), {}};
  for (const SegSegment& segment : seg.segments) {
    const bool is_taken = options.only_segment == 0 || segment.number == options.only_segment;
    if (is_taken && segment.label > 0 && !segment.name.empty()) mask.names[segment.label] = segment.name;
  }
  return mask;
}

std::vector<std::string> WriteSegOf(const NamedMask& mask, const SourceSeries& series, const ConvertOptions& options,
                                    const std::filesystem::path& folder, const std::string& stem) {
  const SegFacts facts{.key = KeyOf(mask, options),
                       .created = options.created,
                       .software = ThisSoftware(),
                       .type = TypeFrom(options.algorithm_type),
                       .algorithm = options.algorithm};
  std::vector<std::string> files;
  for (const WrittenSeg& seg : WriteDicomSegs(folder, stem, mask.map, LesionsOf(mask), series, facts)) {
    std::printf("%s: %zu segments in %zu frames, read back equal to the mask\n", seg.file.c_str(), seg.labels.size(),
                seg.frames);
    files.push_back(seg.file);
  }
  return files;
}

}  // namespace dinsd
