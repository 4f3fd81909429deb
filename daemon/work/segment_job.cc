#include "daemon/work/segment_job.h"

#include <cerrno>
#include <new>
#include <string_view>
#include <system_error>

#include "daemon/messages/job_key.h"
#include "daemon/messages/message_fields.h"
#include "daemon/work/self_test.h"
#include "model/weights_error.h"
#include "pipeline/import/import_study.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/report/method.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_dicom.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

// The clicks that were queued, and no others: a sidecar may have been replaced meanwhile.
PairedPrompts QueuedPrompts(const WorkerJob& job, const std::filesystem::path& root) {
  std::optional<PairedPrompts> prompts = FindPrompts(root, job.study, job.read.limits);
  if (prompts && prompts->sha256 == job.prompts_sha256) return *std::move(prompts);
  throw InputError("INPUT_CHANGED", prompts ? prompts->file : "", "", "the prompts are not those that were queued");
}

ReviewedResult ReviewedOf(const WorkerProposal& proposal) {
  const auto place = [](const ResultOrder& result) { return ResultPlace{result.result, result.result_sha256, {}, {}}; };
  return {place(proposal.result), proposal.prior ? std::optional(place(*proposal.prior)) : std::nullopt};
}

StudyRequest RequestOf(const WorkerJob& job, const std::filesystem::path& root, const std::optional<JobPrior>& prior) {
  StudyRequest request{root, job.study, std::nullopt, job.read, job.options};
  if (job.prompts_sha256.empty() && !prior) throw MessageError("a job without prompts came without a prior");
  if (!job.prompts_sha256.empty()) request.prompts = QueuedPrompts(job, root);
  if (request.prompts && job.proposal) request.reviewed = ReviewedOf(*job.proposal);
  request.created = job.created;
  request.limit_seconds = static_cast<double>(job.study_limit_seconds);
  if (!prior) return request;
  request.prior = prior->place;
  request.registration = prior->registration;
  return request;
}

// Writes the result into the staging folder; the digest of its result.json.
std::string Stage(const WorkerJob& job, const std::filesystem::path& root, StudyResult& result) {
  result.warnings.insert(result.warnings.begin(), job.warnings.begin(), job.warnings.end());
  const ReportContext context{std::to_string(job.ticket.job), job.revision, job.created, ThisSoftware()};
  const std::optional<DicomOutput> dicom = DicomOutputOf(root, job.read.limits, job.dicom, result);
  return WriteResultFolder(job.staging, result, result.volume, context, job.job_key, dicom ? &*dicom : nullptr)
      .result_sha256;
}

WorkSucceeded Segment(const WorkerJob& job, const std::filesystem::path& root, const std::optional<JobPrior>& prior,
                      ModelStore& models, const OnStudyProgress& progress) {
  LoadedModel& model = models.Get(job.weights);
  const StudyRequest request = RequestOf(job, root, prior);
  StudyResult result = SegmentStudy(request, model, progress);
  const std::string result_sha256 = Stage(job, root, result);
  return {result_sha256, InputsDigest(result.study), request.prompts ? result.prompts.sha256 : "",
          result.weights_sha256, request.prior ? request.prior->result_sha256 : ""};
}

WorkSucceeded Import(const WorkerJob& job, const std::filesystem::path& root, const OnStudyProgress& progress) {
  StudyResult result = ImportStudy(
      {root, job.study, job.read, job.options, job.import->options, job.import->mask_sha256, job.created}, progress);
  const std::string result_sha256 = Stage(job, root, result);
  return {result_sha256, InputsDigest(result.study), "", "", "", result.imported->sha256};
}

WorkFailed FailureOf(const std::exception& error) {
  const std::string_view words = error.what();
  if (words.find("out of memory") != std::string_view::npos) {
    return {WorkFailure::kTransient, "OUT_OF_MEMORY", error.what()};
  }
  // Whatever else the network throws leaves a device, or this process, in doubt.
  return {WorkFailure::kFatalDevice, "UNEXPECTED_ERROR", error.what()};
}

}  // namespace

WorkerOutcome SegmentJob(const WorkerJob& job, const std::filesystem::path& root, const std::optional<JobPrior>& prior,
                         ModelStore& models, const OnStudyProgress& progress) {
  WorkerOutcome outcome{job.ticket, WorkStopped{}};
  try {
    outcome.outcome = job.import ? Import(job, root, progress) : Segment(job, root, prior, models, progress);
  } catch (const StudyStopped&) {
    outcome.outcome = WorkStopped{};
  } catch (const InputError& error) {
    outcome.outcome = ProblemOf(error);
  } catch (const WeightsError& error) {
    outcome.outcome = WorkFailed{WorkFailure::kFatalConfig, error.code(), error.what()};
  } catch (const SelfTestError& error) {
    outcome.outcome = WorkFailed{WorkFailure::kFatalDevice, "SELF_TEST", error.what()};
  } catch (const ReadBackError& error) {
    outcome.outcome = WorkFailed{WorkFailure::kTransient, kReadBackCode, error.what()};
  } catch (const std::bad_alloc& error) {
    outcome.outcome = WorkFailed{WorkFailure::kTransient, "OUT_OF_MEMORY", error.what()};
  } catch (const std::system_error& error) {
    const bool is_full = error.code() == std::errc::no_space_on_device || error.code().value() == EDQUOT;
    outcome.outcome = WorkFailed{WorkFailure::kTransient, is_full ? "DISK_FULL" : "SYSTEM_ERROR", error.what()};
  } catch (const std::exception& error) {
    outcome.outcome = FailureOf(error);
  }
  return outcome;
}

}  // namespace dinsd
