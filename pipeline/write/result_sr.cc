#include "pipeline/write/result_sr.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/write/dicom_item.h"
#include "pipeline/write/result_seg.h"
#include "pipeline/write/sr_comparison.h"

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
  if (result.follow_up) {
    const FollowUp& prior = *result.follow_up;
    remarks.push_back("Compared with the study of " +
                      (prior.study_date.empty() ? "an unknown date" : prior.study_date) + ": job " +
                      std::to_string(prior.job) + ", revision " + std::to_string(prior.revision) +
                      ", SHA-256 of its result.json " + prior.result_sha256);
  }
  if (!result.empty_reason.empty()) remarks.push_back("Nothing was segmented: " + result.empty_reason);
  if (result.unprompted_voxels > 0) {
    remarks.push_back("The network sees " + DecimalString(result.unprompted_ml) +
                      " mL of tumour that no click reaches; no volume holds them.");
  }
  return remarks;
}

// A lesion of the prior that today's study has none of.
SrLesion LesionOfPrior(const PriorLesion& prior, const DicomOutputOptions& options) {
  SrLesion lesion{
      .lesion = {.id = prior.id, .tracking_uid = prior.tracking_uid, .site = {}, .laterality = prior.laterality},
      .kind = KindCodeOf(prior.type, options.codes)};
  if (prior.site) lesion.lesion.site = SiteCodeOf(*prior.site, options.replaced_sites);
  return lesion;
}

// No two groups may have one tracking, and an invented UID would follow nothing.
void AddLesionsOfPrior(const StudyResult& result, const DicomOutputOptions& options, SrContent& content) {
  std::set<std::string> used;
  for (const SrLesion& lesion : content.lesions) used.insert(lesion.lesion.tracking_uid);
  for (const FollowUpRow& row : FollowUpRows(result)) {
    if (row.today != nullptr) continue;
    const PriorLesion& prior = row.followed->prior;
    if (prior.tracking_uid.empty() || !used.insert(prior.tracking_uid).second) {
      content.remarks.push_back("Lesion " + prior.id +
                                " of the prior study was not measured in this one: " + Word(row.change.change) +
                                ". In the prior study it had " + FixedDigits(prior.volume_ml, 4) + " mL.");
      continue;
    }
    content.lesions.push_back(LesionOfPrior(prior, options));
    content.lesions.back().comparison = ComparisonOf(result, row);
  }
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

std::optional<DicomCode> KindCodeOf(const std::string& type, const DicomCodes& codes) {
  if (type == "plexiform") return codes.plexiform;
  return type == "discrete" ? std::optional(codes.discrete) : std::nullopt;
}

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
                      const std::vector<SeriesObjects>& series, const DicomOutputOptions& options) {
  SrContent content{.total_ml = result.total_ml, .remarks = RemarksOf(result)};
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    const PromptLesion* prompts = PromptsOf(result, n);
    SrLesion lesion{.lesion = lesions[n],
                    .volume_ml = result.lesions.at(n).volume_ml,
                    .kind = KindCodeOf(prompts == nullptr ? "" : prompts->type, options.codes)};
    lesion.segments = SegmentsOf(series, lesions[n].label);
    if (lesion.segments.size() == 1) lesion.series_uid = SourceOf(series, lesion.segments.front());
    const std::optional<FollowUpRow> row = FollowUpRowOf(result, n);
    lesion.comparison = row ? ComparisonOf(result, *row) : WithoutPrior(result.lesions[n]);
    content.lesions.push_back(std::move(lesion));
  }
  AddLesionsOfPrior(result, options, content);
  for (const SeriesObjects& one : series) content.segs.insert(content.segs.end(), one.segs.begin(), one.segs.end());
  return content;
}

}  // namespace dinsd
