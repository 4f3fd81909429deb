#include "pipeline/write/result_seg.h"

#include "pipeline/report/report_facts.h"

namespace dinsd {

DicomCode SiteCodeOf(const PromptCode& site, const std::vector<ReplacedCode>& replaced) {
  for (const ReplacedCode& code : replaced) {
    if (code.value == site.value && code.by.scheme == site.scheme) return code.by;
  }
  return {site.value, site.scheme, site.meaning};
}

std::vector<SegLesion> SegLesionsOf(const StudyResult& result, const std::vector<ReplacedCode>& replaced) {
  const std::vector<PromptLesion>& prompts = result.prompts.prompts.lesions;
  std::vector<SegLesion> lesions;
  for (const LesionResult& lesion : result.lesions) {
    const PromptLesion& prompt = prompts.at(static_cast<std::size_t>(lesion.label) - 1);
    lesions.push_back({lesion.label, lesion.id, prompt.tracking_uid, {}, prompt.laterality});
    if (prompt.site) lesions.back().site = SiteCodeOf(*prompt.site, replaced);
  }
  return lesions;
}

std::vector<SegLesion> TrackedLesionsOf(const StudyResult& result, const SourceSeries& first,
                                        const std::vector<ReplacedCode>& replaced) {
  std::vector<SegLesion> lesions = SegLesionsOf(result, replaced);
  for (SegLesion& lesion : lesions) lesion.tracking_uid = TrackingOf(lesion, first).uid;
  return lesions;
}

SegFacts SegFactsOf(const StudyResult& result, const ReportContext& context, const std::string& job_key) {
  const std::string& source = result.prompts.prompts.provenance.source;
  const bool is_automatic = source == "simulated" || source == "propagated";
  if (result.imported) {
    return {
        .key = job_key, .created = context.created, .software = context.software, .type = SegAlgorithmType::kManual};
  }
  return {.key = job_key,
          .created = context.created,
          .software = context.software,
          .type = is_automatic ? SegAlgorithmType::kAutomatic : SegAlgorithmType::kSemiautomatic,
          .algorithm = "DINs",
          .weights_name = result.weights_name,
          .weights_sha256 = result.weights_sha256,
          .is_preliminary = IsPreliminary(result)};
}

}  // namespace dinsd
