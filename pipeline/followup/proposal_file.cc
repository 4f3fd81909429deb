#include "pipeline/followup/proposal_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/followup/json_text.h"
#include "pipeline/followup/prior_at_border.h"
#include "pipeline/followup/prior_objects.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/label_file.h"
#include "pipeline/report/method.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;

[[noreturn]] void Refuse(const std::string& file, const std::string& field, const std::string& why) {
  throw InputError("PROPOSAL_RESULT", file, field, "of the result whose clicks were reviewed, or of its prior, " + why,
                   InputVerdict::kNeedsPrompts);
}

ProposedClick ClickFrom(const json& object) {
  ProposedClick click;
  object.at("lps_mm").get_to(click.lps);
  object.at("moved_mm").get_to(click.moved_mm);
  if (object.at("similarity").is_number()) click.similarity = object.at("similarity").get<double>();
  object.at("flags").get_to(click.flags);
  return click;
}

ObjectPart ObjectFrom(const json& object) {
  return {TextAt(object, "study_uid"), TextAt(object, "series_uid"), TextAt(object, "sop_class_uid"),
          TextAt(object, "sop_instance_uid"), object.at("number").get<std::int64_t>()};
}

FollowedLesion LesionFrom(const json& row) {
  FollowedLesion lesion;
  row.at("tracking_id").get_to(lesion.prior.id);
  lesion.prior.tracking_uid = TextAt(row, "tracking_uid");
  row.at("prior_label").get_to(lesion.prior.label);
  row.at("prior_ml").get_to(lesion.prior.volume_ml);
  row.at("prior_slices").get_to(lesion.prior.slices_spanned);
  if (row.contains("prior_change_log_sd") && row.at("prior_change_log_sd").is_number())
    lesion.prior.change_log_sd = row.at("prior_change_log_sd").get<double>();
  if (row.contains("prior_objects")) {  // a result of before names none
    for (const json& object : row.at("prior_objects")) lesion.prior.objects.push_back(ObjectFrom(object));
  }
  row.at("imaged").get_to(lesion.is_imaged);
  row.at("registration_flags").get_to(lesion.flags);
  for (const json& click : row.at("clicks")) lesion.clicks.push_back(ClickFrom(click));
  return lesion;
}

RegistrationSummary RegistrationFrom(const json& object) {
  RegistrationSummary summary;
  object.at("correlation_before").get_to(summary.correlation_before);
  object.at("correlation_after").get_to(summary.correlation_after);
  object.at("affine_determinants").get_to(summary.affine_determinants);
  object.at("flags").get_to(summary.flags);
  object.at("findings").get_to(summary.findings);
  object.at("seconds").get_to(summary.seconds);
  return summary;
}

// As FollowUpJson writes it.
FollowUp FollowUpFrom(const json& object) {
  FollowUp follow_up;
  follow_up.study_date = TextAt(object, "prior_study_date");
  object.at("prior_job").get_to(follow_up.job);
  object.at("prior_revision").get_to(follow_up.revision);
  object.at("prior_result_sha256").get_to(follow_up.result_sha256);
  if (object.contains("proposed_from_revision") && object.at("proposed_from_revision").is_number_integer())
    follow_up.proposed_from = object.at("proposed_from_revision").get<std::int64_t>();
  follow_up.weights_sha256 = TextAt(object, "prior_weights_sha256");
  follow_up.method = TextAt(object, "prior_method");
  follow_up.options_sha256 = TextAt(object, "prior_options_sha256");
  follow_up.software = TextAt(object, "prior_software");
  follow_up.registration = RegistrationFrom(object.at("registration"));
  for (const json& row : object.at("lesions")) follow_up.lesions.push_back(LesionFrom(row));
  return follow_up;
}

json ParseFile(const ResultPlace& place, const char* file) {
  const std::vector<std::byte> bytes = ReadFileBytes(place.result, file, kMostBytes);
  const auto* const text = reinterpret_cast<const char*>(bytes.data());
  return json::parse(text, text + bytes.size());
}

void CheckResult(const ResultPlace& place) {
  if (VerifyResultFolder(place.result, TextAt(ParseFile(place, "result.json"), "jobKey")) != place.result_sha256)
    Refuse("result.json", "", "is no longer that which was published");
}

// The same lesion as it is measured now: by its tracking UID alone, since a name or a label may be another's by then.
const PriorLesion* SameLesion(const std::vector<PriorLesion>& measured, const PriorLesion& lesion) {
  if (lesion.tracking_uid.empty()) return nullptr;
  const auto same = std::find_if(measured.begin(), measured.end(), [&](const PriorLesion& candidate) {
    return candidate.tracking_uid == lesion.tracking_uid;
  });
  return same == measured.end() ? nullptr : &*same;
}

void TakeMeasured(const PriorLesion* measured, FollowedLesion& lesion) {
  if (measured == nullptr) {
    lesion.flags.emplace_back("prior_revised");
    lesion.prior.change_log_sd.reset();  // its volume is of another method than the rest
    return;
  }
  lesion.prior.volume_ml = measured->volume_ml;
  lesion.prior.slices_spanned = measured->slices_spanned;
  lesion.prior.change_log_sd = measured->change_log_sd;
  lesion.prior.touches_border = measured->touches_border;
  lesion.prior.objects = measured->objects;
  FlagPriorAtBorder(lesion);
}

void MeasuredAgain(const ResultPlace& prior, const ReadLimits& limits, FollowUp& follow_up) {
  if (prior.result_sha256 == follow_up.result_sha256) return;
  CheckResult(prior);
  const json report = ParseFile(prior, "report.json"), provenance = ParseFile(prior, "provenance.json");
  std::vector<PriorLesion> measured = LesionsOfReport(report);
  NameObjects(prior, limits, measured);
  for (FollowedLesion& lesion : follow_up.lesions) TakeMeasured(SameLesion(measured, lesion.prior), lesion);
  if (!follow_up.proposed_from) follow_up.proposed_from = follow_up.revision;
  report.at("revision").get_to(follow_up.revision);
  follow_up.result_sha256 = prior.result_sha256;
  follow_up.weights_sha256 = TextAt(provenance.at("weights"), "sha256");
  follow_up.method = MethodDigest(provenance);
  follow_up.options_sha256 = TextAt(provenance, "options_sha256");
  follow_up.software = TextAt(provenance, "software");
}

Proposal Read(const ResultPlace& place, const ReadLimits& limits) {
  CheckResult(place);
  const std::vector<std::byte> prompts = ReadFileBytes(place.result, "prompts.json", kMostBytes);
  const json report = ParseFile(place, "report.json");
  Proposal proposal{ParsePrompts(prompts, "prompts.json"), ProposalDigest(prompts),
                    report.at("revision").get<std::int64_t>(), std::nullopt};
  if (!report.contains("follow_up")) return proposal;
  proposal.follow_up = FollowUpFrom(report.at("follow_up"));
  proposal.follow_up->prior_mask = ReadLabelFile(place.result / "prior_mask.nii.gz", limits);
  return proposal;
}

}  // namespace

Proposal ReadProposal(const ReviewedResult& results, const ReadLimits& limits) {
  try {
    Proposal proposal = Read(results.proposal, limits);
    if (proposal.follow_up && results.prior) MeasuredAgain(*results.prior, limits, *proposal.follow_up);
    return proposal;
  } catch (const json::exception& error) {
    Refuse("report.json", "", std::string("cannot be understood: ") + error.what());
  } catch (const InputError& error) {
    if (error.code() == "PROPOSAL_RESULT") throw;
    Refuse(error.file(), error.field(), "cannot be read: " + error.sentence());
  }
}

}  // namespace dinsd
