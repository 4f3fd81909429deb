#include "pipeline/write/result_sr.h"

#include <algorithm>
#include <utility>

#include "pipeline/report/report_facts.h"
#include "pipeline/write/dicom_item.h"

namespace dinsd {
namespace {

std::vector<std::string> RemarksOf(const StudyResult& result) {
  std::vector<std::string> remarks = {"Research use only: not for diagnosis."};
  if (result.imported) {
    remarks.emplace_back(
        "Imported: the outlines were made by others and taken as they are; only the volumes were "
        "measured here.");
  }
  if (IsPreliminary(result)) remarks.emplace_back("Preliminary: a click was proposed and is not verified.");
  if (result.is_out_of_domain) remarks.emplace_back("Out of domain: the network was not trained for such a study.");
  if (!result.empty_reason.empty()) remarks.push_back("Nothing was segmented: " + result.empty_reason);
  if (result.unprompted_voxels > 0) {
    remarks.push_back("The network sees " + DecimalString(result.unprompted_ml) +
                      " mL of tumour that no click reaches; no volume holds them.");
  }
  return remarks;
}

std::optional<DicomCode> KindOf(const StudyResult& result, std::size_t n, const DicomCodes& codes) {
  const PromptLesion* prompts = PromptsOf(result, n);
  if (prompts == nullptr) return std::nullopt;
  if (prompts->type == "plexiform") return codes.plexiform;
  return prompts->type == "discrete" ? std::optional(codes.discrete) : std::nullopt;
}

// The one that a segment was made from.
std::string SourceOf(const std::vector<SeriesObjects>& series, const SrSegment& segment) {
  for (const SeriesObjects& one : series) {
    for (const WrittenSeg& seg : one.segs) {
      if (seg.sop_instance_uid == segment.sop_instance_uid) return one.series_uid;
    }
  }
  return {};
}

}  // namespace

std::vector<SrSegment> SegmentsOf(const std::vector<SeriesObjects>& series, std::uint16_t label) {
  std::vector<SrSegment> segments;
  for (const SeriesObjects& one : series) {
    for (const WrittenSeg& seg : one.segs) {
      const auto found = std::find(seg.labels.begin(), seg.labels.end(), label);
      if (found != seg.labels.end())
        segments.push_back({seg.sop_instance_uid, static_cast<int>(found - seg.labels.begin()) + 1});
    }
  }
  return segments;
}

SrContent SrContentOf(const StudyResult& result, const std::vector<SegLesion>& lesions,
                      const std::vector<SeriesObjects>& series, const DicomCodes& codes) {
  SrContent content{.total_ml = result.total_ml, .remarks = RemarksOf(result)};
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    SrLesion lesion{lesions[n], result.lesions.at(n).volume_ml, KindOf(result, n, codes)};
    lesion.segments = SegmentsOf(series, lesions[n].label);
    if (lesion.segments.size() == 1) lesion.series_uid = SourceOf(series, lesion.segments.front());
    content.lesions.push_back(std::move(lesion));
  }
  for (const SeriesObjects& one : series) content.segs.insert(content.segs.end(), one.segs.begin(), one.segs.end());
  return content;
}

}  // namespace dinsd
