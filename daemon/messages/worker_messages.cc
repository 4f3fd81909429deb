#include "daemon/messages/worker_messages.h"

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/dicom_output_json.h"
#include "daemon/messages/import_json.h"
#include "daemon/messages/message_fields.h"
#include "daemon/messages/options_json.h"
#include "pipeline/read/study_json.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostWarnings = 64;
constexpr std::int64_t kMostJobs = std::int64_t{1} << 53;

nlohmann::json TicketToJson(const JobTicket& ticket) {
  return {{"job", ticket.job}, {"attempt", ticket.attempt}, {"token", ticket.token}};
}

JobTicket TicketField(MessageFields& message) {
  MessageFields fields(message.Object("ticket"), "ticket");
  JobTicket ticket;
  ticket.job = fields.Integer("job", 0, kMostJobs);
  ticket.attempt = fields.Integer("attempt", 0, kMostJobs);
  ticket.token = fields.String("token", 64);
  fields.Done();
  return ticket;
}

nlohmann::json WeightsToJson(const WeightsFile& weights) {
  return {{"path", weights.path.string()}, {"sha256", weights.sha256}};
}

WeightsFile WeightsFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "weights");
  WeightsFile weights{fields.String("path"), DigestField(fields, "sha256")};
  fields.Done();
  return weights;
}

nlohmann::json ResultToJson(const ResultOrder& result) {
  return {{"result", result.result.string()}, {"result_sha256", result.result_sha256}};
}

std::string TextOf(const WorkerStart& start) {
  nlohmann::json weights = nlohmann::json::array();
  for (const WeightsFile& file : start.weights) weights.push_back(WeightsToJson(file));
  return MessageText("start", {{"device", start.device},
                               {"threads", start.threads},
                               {"weights", weights},
                               {"has_fault_points", start.has_fault_points}});
}

std::string TextOf(const WorkerPrior& prior) {
  return MessageText("prior", {{"ticket", TicketToJson(prior.ticket)},
                               {"result", prior.result.string()},
                               {"result_sha256", prior.result_sha256},
                               {"name", prior.name},
                               {"registration",
                                {{"time_limit_seconds", prior.registration.time_limit_seconds},
                                 {"cache", prior.registration.cache.folder.string()},
                                 {"cache_bytes", prior.registration.cache.bytes}}}});
}

std::string TextOf(const WorkerJob& job) {
  nlohmann::json fields = {{"ticket", TicketToJson(job.ticket)},
                           {"study", StudyToJson(job.study)},
                           {"prompts_sha256", job.prompts_sha256},
                           {"read", ReadOptionsToJson(job.read)},
                           {"options", SegmentOptionsToJson(job.options)},
                           {"dicom", DicomOutputToJson(job.dicom)},
                           {"staging", job.staging.string()},
                           {"job_key", job.job_key},
                           {"revision", job.revision},
                           {"study_limit_seconds", job.study_limit_seconds},
                           {"created", job.created},
                           {"warnings", job.warnings}};
  if (job.proposal) {
    fields["proposal"] = {{"result", ResultToJson(job.proposal->result)}};
    if (job.proposal->prior) fields["proposal"]["prior"] = ResultToJson(*job.proposal->prior);
  }
  if (job.import) {
    fields["import"] = ImportOrderToJson(*job.import);
  } else {
    fields["weights"] = WeightsToJson(job.weights);
  }
  return MessageText("segment", std::move(fields));
}

std::string TextOf(const WorkerCancel& cancel) {
  return MessageText("cancel", {{"ticket", TicketToJson(cancel.ticket)}});
}

WorkerStart StartFrom(MessageFields& fields) {
  WorkerStart start;
  start.device = fields.String("device", 32);
  start.threads = static_cast<int>(fields.Integer("threads", 0, 4096));
  for (const nlohmann::json& file : fields.List("weights", 64)) start.weights.push_back(WeightsFromJson(file));
  start.has_fault_points = fields.Boolean("has_fault_points");
  return start;
}

RegistrationUse RegistrationFrom(const nlohmann::json& json) {
  MessageFields fields(json, "registration");
  RegistrationUse use;
  use.time_limit_seconds = fields.Number("time_limit_seconds", 0, 1e6);
  use.cache.folder = fields.String("cache");
  use.cache.bytes = static_cast<std::uint64_t>(fields.Integer("cache_bytes", 0, kMostJobs));
  fields.Done();
  return use;
}

WorkerPrior PriorFrom(MessageFields& fields) {
  return {TicketField(fields), fields.String("result"), DigestField(fields, "result_sha256"), fields.String("name"),
          RegistrationFrom(fields.Object("registration"))};
}

ResultOrder ResultFrom(const nlohmann::json& json) {
  MessageFields fields(json, "result");
  ResultOrder result{fields.String("result"), DigestField(fields, "result_sha256")};
  fields.Done();
  return result;
}

WorkerProposal ProposalFrom(const nlohmann::json& json) {
  MessageFields fields(json, "proposal");
  WorkerProposal proposal{ResultFrom(fields.Object("result")), std::nullopt};
  if (fields.Has("prior")) proposal.prior = ResultFrom(fields.Object("prior"));
  fields.Done();
  return proposal;
}

WorkerJob JobFrom(MessageFields& fields) {
  WorkerJob job;
  job.ticket = TicketField(fields);
  job.study = StudyField(fields, "study");
  job.prompts_sha256 = DigestOrNone(fields, "prompts_sha256");
  if (fields.Has("import")) {
    job.import = ImportOrderFromJson(fields.Object("import"));
  } else {
    job.weights = WeightsFromJson(fields.Object("weights"));
  }
  job.read = ReadOptionsFromJson(fields.Object("read"));
  job.options = SegmentOptionsFromJson(fields.Object("options"));
  job.dicom = DicomOutputFromJson(fields.Object("dicom"));
  job.staging = fields.String("staging");
  job.job_key = DigestField(fields, "job_key");
  job.revision = static_cast<int>(fields.Integer("revision", 1, 1'000'000'000));
  job.study_limit_seconds = fields.Integer("study_limit_seconds", 0, 1'000'000'000);
  job.created = fields.String("created", 64);
  job.warnings = fields.Strings("warnings", kMostWarnings);
  if (fields.Has("proposal")) job.proposal = ProposalFrom(fields.Object("proposal"));
  return job;
}

}  // namespace

std::string ToWorkerText(const ToWorker& message) {
  return std::visit([](const auto& known) { return TextOf(known); }, message);
}

ToWorker ParseToWorker(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  const std::string type = MessageType(message);
  MessageFields fields = FieldsOf(message, type.c_str());
  ToWorker parsed;
  if (type == "start") {
    parsed = StartFrom(fields);
  } else if (type == "prior") {
    parsed = PriorFrom(fields);
  } else if (type == "segment") {
    parsed = JobFrom(fields);
  } else if (type == "cancel") {
    parsed = WorkerCancel{TicketField(fields)};
  } else {
    throw MessageError("a message to a worker of an unknown type");
  }
  fields.Done();
  return parsed;
}

// ---- from the worker ----

namespace {

constexpr std::array<std::string_view, 3> kFailures = {"transient", "fatal_device", "fatal_config"};

WorkFailure FailureFrom(const std::string& word) {
  for (std::size_t i = 0; i < kFailures.size(); ++i) {
    if (kFailures.at(i) == word) return static_cast<WorkFailure>(i);
  }
  throw MessageError("outcome.failure is unknown");
}

std::string TextOf(const WorkerReady& ready) {
  return MessageText("ready", {{"device", ready.device}, {"reason", ready.reason}});
}

std::string TextOf(const WorkerProgress& progress) {
  return MessageText("progress",
                     {{"ticket", TicketToJson(progress.ticket)}, {"stage", progress.stage}, {"share", progress.share}});
}

nlohmann::json OutcomeToJson(const WorkSucceeded& succeeded) {
  return {{"kind", "succeeded"},
          {"result_sha256", succeeded.result_sha256},
          {"inputs_sha256", succeeded.inputs_sha256},
          {"prompts_sha256", succeeded.prompts_sha256},
          {"weights_sha256", succeeded.weights_sha256},
          {"prior_sha256", succeeded.prior_sha256},
          {"mask_sha256", succeeded.mask_sha256}};
}

nlohmann::json OutcomeToJson(const Problem& problem) {
  return {{"kind", "problem"}, {"problem", ProblemToJson(problem)}};
}

nlohmann::json OutcomeToJson(const WorkFailed& failed) {
  return {{"kind", "failed"},
          {"failure", kFailures.at(static_cast<std::size_t>(failed.failure))},
          {"code", failed.code},
          {"detail", failed.detail.substr(0, 2000)}};
}

nlohmann::json OutcomeToJson(const WorkStopped&) {
  return {{"kind", "stopped"}};
}

std::string TextOf(const WorkerOutcome& outcome) {
  return MessageText("outcome",
                     {{"ticket", TicketToJson(outcome.ticket)},
                      {"outcome", std::visit([](const auto& kind) { return OutcomeToJson(kind); }, outcome.outcome)}});
}

WorkSucceeded SucceededFrom(MessageFields& fields) {
  WorkSucceeded succeeded{DigestField(fields, "result_sha256"),   DigestField(fields, "inputs_sha256"),
                          DigestOrNone(fields, "prompts_sha256"), DigestOrNone(fields, "weights_sha256"),
                          DigestOrNone(fields, "prior_sha256"),   DigestOrNone(fields, "mask_sha256")};
  if (succeeded.weights_sha256.empty() == succeeded.mask_sha256.empty())
    throw MessageError("outcome has both weights and an imported mask, or neither");
  return succeeded;
}

WorkFailed FailedFrom(MessageFields& fields) {
  return {FailureFrom(fields.String("failure", 32)), fields.String("code", 64), fields.String("detail", 8192)};
}

WorkerOutcome OutcomeFrom(MessageFields& message) {
  WorkerOutcome parsed{TicketField(message), WorkStopped{}};
  MessageFields fields(message.Object("outcome"), "outcome");
  const std::string kind = fields.String("kind", 32);
  if (kind == "succeeded") {
    parsed.outcome = SucceededFrom(fields);
  } else if (kind == "problem") {
    parsed.outcome = ProblemFromJson(fields.Object("problem"));
  } else if (kind == "failed") {
    parsed.outcome = FailedFrom(fields);
  } else if (kind != "stopped") {
    throw MessageError("outcome.kind is unknown");
  }
  fields.Done();
  return parsed;
}

}  // namespace

std::string FromWorkerText(const FromWorker& message) {
  return std::visit([](const auto& known) { return TextOf(known); }, message);
}

FromWorker ParseFromWorker(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  const std::string type = MessageType(message);
  MessageFields fields = FieldsOf(message, type.c_str());
  FromWorker parsed;
  if (type == "ready") {
    parsed = WorkerReady{fields.String("device", 32), fields.String("reason")};
  } else if (type == "progress") {
    parsed = WorkerProgress{TicketField(fields), fields.String("stage", 256), fields.Number("share", 0, 1)};
  } else if (type == "outcome") {
    parsed = OutcomeFrom(fields);
  } else {
    throw MessageError("a message from a worker of an unknown type");
  }
  fields.Done();
  return parsed;
}

}  // namespace dinsd
