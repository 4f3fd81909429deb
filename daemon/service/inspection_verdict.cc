#include "daemon/service/inspection_verdict.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "daemon/inspection/inspect_folder.h"
#include "daemon/messages/job_key.h"
#include "daemon/messages/work_order.h"
#include "daemon/service/image_conflict.h"
#include "daemon/service/instance_count.h"
#include "daemon/service/job_log.h"
#include "daemon/service/measure_again.h"
#include "daemon/service/prior_choice.h"
#include "daemon/service/required_series.h"
#include "daemon/service/result_rows.h"
#include "daemon/service/review_choice.h"
#include "daemon/service/study_facts.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/json_schema.h"
#include "pipeline/report/method.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

bool IsIncomplete(const Problem& problem) {
  return problem.code == kManifestIncomplete || problem.code == kNoImages || problem.code == kRequiredSeries ||
         problem.code == kStudyCount;
}

StudyFacts FactsOf(const ServiceContext& context, const InspectedStudy& study) {
  return FactsOf(context.salt, study.identity, study.has_manifest);
}

Inspection Refuse(ServiceContext& context, const Lease& lease, InputVerdict verdict, const Reason& reason) {
  const JobState state = verdict == InputVerdict::kQuarantined ? JobState::kQuarantined : JobState::kRejected;
  if (context.queue.Refuse(lease, state, reason) == Fenced::kDone) {
    LogJob(Severity::kWarning, std::string(Word(state)), lease.job, reason.code);
    const std::optional<Job> job = context.queue.Find(lease.job);
    if (state == JobState::kQuarantined && job) LookAgainAt(context, job->facts.patient);
  }
  return Inspection::kOver;
}

std::string InWords(const std::string& date, const std::string& more) {
  return (date.empty() ? "without a date" : "of " + date) + (more.empty() ? "" : " (" + more + ")");
}

// Where both tell it, the identifier decides, else the date. What was told of the published one may not be missing now.
std::optional<std::string> OtherStudyField(const StudyFacts& known, const StudyFacts& found) {
  if (!known.study_hash.empty() && !found.study_hash.empty())
    return known.study_hash != found.study_hash ? std::optional<std::string>("studyInstanceUID") : std::nullopt;
  if (!known.study_date.empty() && known.study_date != found.study_date) return "studyDate";
  return !known.study_hash.empty() ? std::optional<std::string>("studyInstanceUID") : std::nullopt;
}

// Nothing where it is the same one, or the published results name nobody.
std::optional<Reason> OtherPatient(ServiceContext& context, const Job& job, const SettledStudy& study,
                                   const StudyIdentity& identity) {
  const std::string& known = job.facts.patient;
  if (known.empty() || (!identity.patient.empty() && IsSamePatient(context.salt, known, identity))) return std::nullopt;
  const std::string what = identity.patient.empty()
                               ? "is not told any more, but the results which this job has name one"
                               : "is another one than that of the results which this job has";
  return Reason{"OTHER_PATIENT", study.entry, "patient", what + ": give the study a name of its own"};
}

// A job's revisions are of one study of one patient. Where the results of another one lie under this study's name, a
// person must look.
std::optional<Reason> OtherThanPublished(ServiceContext& context, JobId id, const SettledStudy& study,
                                         const InspectedStudy& inspected) {
  const std::optional<Job> job = context.queue.Find(id);
  if (!job || !context.queue.HasResults(id)) return std::nullopt;
  if (std::optional<Reason> other = OtherPatient(context, *job, study, inspected.identity)) return other;
  const StudyFacts found = FactsOf(context, inspected);
  const std::optional<std::string> field = OtherStudyField(job->facts, found);
  if (!field) return std::nullopt;
  const std::string& uid = inspected.identity.study_uid;
  if (*field == "studyDate" ? found.study_date.empty() : uid.empty()) {
    return Reason{
        "OTHER_STUDY", study.entry, *field,
        "is not told any more, but the results which this job has tell it: give the study a folder name of its "
        "own"};
  }
  const std::string number = std::to_string(static_cast<std::int64_t>(id));
  return Reason{"OTHER_STUDY", study.entry, *field,
                "this study is " + InWords(found.study_date, uid.empty() ? "" : "studyInstanceUID " + uid) +
                    ", but the results which this job has are of another one, " +
                    InWords(job->facts.study_date, "see report.json in results/" + number) +
                    ": give the study a folder name of its own"};
}

Inspection AwaitPrompts(ServiceContext& context, const Lease& lease, const InspectedStudy& study,
                        const Reason& reason) {
  if (context.queue.NeedsPrompts(lease, FactsOf(context, study), reason) == Fenced::kDone) {
    LogJob(Severity::kInfo, "needs_prompts", lease.job, reason.code);
  }
  return Inspection::kOver;
}

Inspection AwaitOrRefuse(ServiceContext& context, const Lease& lease, const InspectedStudy& study,
                         const Problem& problem) {
  if (problem.verdict != InputVerdict::kNeedsPrompts) return Refuse(context, lease, problem.verdict, ReasonOf(problem));
  return AwaitPrompts(context, lease, study, ReasonOf(problem));
}

// What lies beside the images and is no mask of their lesions; empty without such.
std::string MasksInWords(const ReaderAnswer& answer) {
  constexpr std::size_t kMost = 5;
  const std::vector<std::string>& all = answer.masks_not_taken;
  std::string words;
  for (std::size_t n = 0; n < std::min(all.size(), kMost); ++n)
    words.append(n == 0 ? "; no mask is taken: " : "; ").append(all[n]);
  if (all.size() > kMost) words.append("; and ").append(std::to_string(all.size() - kMost)).append(" more");
  return words;
}

// ChosenImage would bring the readers of every format into the parent.
const StudyImage* ChosenIn(const InspectedStudy& study) {
  const auto chosen =
      std::find_if(study.images.begin(), study.images.end(), [](const StudyImage& image) { return image.is_chosen; });
  return chosen == study.images.end() ? nullptr : &*chosen;
}

// What the clicks of a study without any, or a review, were proposed from.
struct Origin {
  std::optional<Timepoint> prior;
  std::optional<ProposalOrder> proposal;
};

StudyOrder OrderOf(const ServiceContext& context, const ReaderAnswer& answer, const ServedModel& model,
                   const Origin& origin) {
  return {*answer.study,
          InputsDigest(*answer.study),
          answer.prompts_sha256,
          model.weights,
          context.ReadOptions(),
          context.settings.segment,
          ObjectsFor(*answer.study, context.settings.publish),
          origin.prior ? std::optional(OrderOf(*origin.prior)) : std::nullopt,
          origin.proposal,
          std::nullopt};
}

// Of the options only that by which a lesion counts as measurable says something about a mask that is there.
StudyOrder ImportOrderOf(const ServiceContext& context, const ReaderAnswer& answer) {
  SegmentOptions options;
  options.measurable_slices = context.settings.segment.measurable_slices;
  return {*answer.study,
          InputsDigest(*answer.study),
          "",
          {},
          context.ReadOptions(),
          options,
          ObjectsOfImport(ObjectsFor(*answer.study, context.settings.publish)),
          std::nullopt,
          std::nullopt,
          ImportOrder{answer.mask_sha256, context.settings.followup.import}};
}

// `model` is the word that the queue has for what makes the result.
Inspection Enqueue(ServiceContext& context, const Lease& lease, const SettledStudy& study, const StudyOrder& order,
                   const std::string& model) {
  using What = JobQueue::Enqueued::What;
  const std::string key =
      JobKey(order.inputs_sha256, order.prompts_sha256, order.weights.sha256, order.read, order.options, order.objects,
             order.prior ? order.prior->result_sha256 : "", order.proposal ? DigestOf(*order.proposal) : "",
             order.import ? order.import->mask_sha256 : "");
  const JobQueue::Enqueued enqueued = context.queue.Enqueue(
      lease, {key, model, study.lane, FactsOf(context, order.study), StudyOrderText(order), ImagesDigest(order.study)});
  switch (enqueued.what) {
    case What::kAvailable:
      LogJob(Severity::kInfo, "available", lease.job, "", {{"revision", enqueued.revision}, {"model", model}});
      return Inspection::kAvailable;
    case What::kUnchanged:
      LogJob(Severity::kInfo, "unchanged: published before", lease.job);
      UpdateIndex(context, lease.job);
      return Inspection::kOver;
    case What::kDuplicate:
      LogJob(Severity::kInfo, "the same as another job", lease.job, "",
             {{"duplicate_of", static_cast<std::int64_t>(enqueued.duplicate_of.value_or(JobId{}))}});
      UpdateIndex(context, enqueued.duplicate_of.value_or(JobId{}));
      return Inspection::kOver;
    case What::kStale:
      break;
  }
  return Inspection::kOver;
}

std::string Millimetres(double length) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3g", length);
  return text.data();
}

// What [[model]] can have conditions on.
std::string LooksOf(const StudyImage& image) {
  constexpr std::array<const char*, 4> kWords = {"any", "coronal", "axial", "sagittal"};
  const Vec3 spacing = ChooseAxes(image.grid, AxisRule::kSliceAxis).SpacingMm();
  return (image.sequence.empty() ? "no known sequence" : "sequence " + QuotedForMessage(image.sequence)) + ", " +
         kWords.at(static_cast<std::size_t>(OrientationOf(image.grid))) + ", slices every " + Millimetres(spacing.z) +
         " mm, pixels of " + Millimetres(spacing.y) + " x " + Millimetres(spacing.x) + " mm";
}

// By the first [[model]] that is meant for such an image.
Inspection WithModel(ServiceContext& context, const Lease& lease, const SettledStudy& study, const ReaderAnswer& answer,
                     const Origin& origin) {
  const StudyImage* image = ChosenIn(*answer.study);
  const ServedModel* model = image == nullptr ? nullptr : ChooseModel(context.models, *image);
  if (model == nullptr) {
    return Refuse(context, lease, InputVerdict::kRejected,
                  {"NO_MODEL", "", "",
                   "no [[model]] of the configuration is meant for such an image" +
                       (image == nullptr ? "" : ": " + LooksOf(*image))});
  }
  return Enqueue(context, lease, study, OrderOf(context, answer, *model, origin), model->name);
}

// What is compared is to be measured by one method.
void MeasurePriorAgain(ServiceContext& context, const Origin& origin, JobId followed) {
  if (origin.prior) return MeasurePriorAgain(context, *origin.prior, followed);
  if (!origin.proposal || !origin.proposal->prior) return;
  const PriorOrder& prior = *origin.proposal->prior;
  const std::optional<ResultFacts> facts =
      ResultFactsOf(context.salt, context.results.Place(prior.job, prior.revision));
  if (facts) MeasurePriorAgain(context, {JobId{prior.job}, prior.revision, "", prior.result_sha256, *facts}, followed);
}

// Why nothing can be proposed for the lesions that name an object of an earlier study, for the report.
void NoteNoPrior(const std::string& why, InspectedStudy& study) {
  for (StudyImage& image : study.images) {
    if (image.is_chosen) image.notes.push_back(kNoNamedPrior + why);
  }
}

// Clicks of a person, some of which may name objects of an earlier study; a person's review of proposed ones; or ones
// that are to be proposed.
Inspection WithClicks(ServiceContext& context, const Lease& lease, const SettledStudy& study, ReaderAnswer answer) {
  Origin origin;
  if (answer.review) {
    ReviewChoice review = ChooseReviewed(context, lease.job, study.source, FactsOf(context, *answer.study), answer);
    if (review.refusal) {
      context.reports_due.insert(FactsOf(context, *answer.study).patient);  // a rejected result counts no more
      return AwaitPrompts(context, lease, *answer.study, *review.refusal);
    }
    if (!review.proposal) answer.prompts_sha256.clear();  // it was rejected, and another prior has come since
    origin.proposal = std::move(review.proposal);
  }
  if (answer.prompts_sha256.empty()) {
    PriorChoice choice = FindPrior(context, lease.job, study.source, FactsOf(context, *answer.study));
    if (!choice.prior) {
      return AwaitPrompts(context, lease, *answer.study,
                          {"NO_PROMPTS", "", "",
                           "no clicks lie beside the images, and no prior: " + choice.why_none + MasksInWords(answer)});
    }
    origin.prior = std::move(choice.prior);
  } else if (!origin.proposal && !answer.prior_objects.empty()) {
    const StudyFacts facts = FactsOf(context, *answer.study);
    PriorChoice named = FindPriorWith(context, lease.job, study.source, facts, answer.prior_objects);
    if (!named.prior) NoteNoPrior(named.why_none, *answer.study);
    origin.prior = std::move(named.prior);
  }
  const Inspection inspection = WithModel(context, lease, study, answer, origin);
  if (inspection == Inspection::kAvailable) MeasurePriorAgain(context, origin, lease.job);
  return inspection;
}

}  // namespace

Reason ReasonOf(const Problem& problem) {
  return {problem.code, problem.file, problem.field, problem.sentence};
}

Inspection ApplyAnswer(ServiceContext& context, const Lease& lease, const SettledStudy& study,
                       const ReaderAnswer& answer) {
  if (answer.problem && IsIncomplete(*answer.problem)) {
    const bool has_changed = context.queue.HandBack(lease, answer.problem->sentence) == Fenced::kStale;
    return has_changed ? Inspection::kOver : Inspection::kIncomplete;  // what has come since may be what was missing
  }
  if (answer.study) {
    const std::optional<Reason> other = OtherThanPublished(context, lease.job, study, *answer.study);
    if (other) return Refuse(context, lease, InputVerdict::kQuarantined, *other);
    if (QuarantineImagesOfTwoPatients(context, lease, study, *answer.study)) return Inspection::kOver;
  }
  if (const std::optional<Problem>& problem = answer.problem ? answer.problem : answer.prompts_problem) {
    return AwaitOrRefuse(context, lease, answer.study.value_or(InspectedStudy()), *problem);
  }
  if (answer.mask_problem) return AwaitOrRefuse(context, lease, *answer.study, *answer.mask_problem);
  if (!answer.mask_sha256.empty())
    return Enqueue(context, lease, study, ImportOrderOf(context, answer), kImportedMethod);
  return WithClicks(context, lease, study, answer);
}

}  // namespace dinsd
