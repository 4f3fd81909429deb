#include "daemon/messages/reader_messages.h"

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/import_json.h"
#include "daemon/messages/message_fields.h"
#include "daemon/messages/options_json.h"
#include "pipeline/read/study_json.h"

namespace dinsd {
namespace {

constexpr std::size_t kMaxFiles = 200'000;

std::optional<Problem> OptionalProblem(MessageFields& fields, const char* name) {
  return fields.Has(name) ? std::optional(ProblemFromJson(fields.Object(name))) : std::nullopt;
}

nlohmann::json ReviewToJson(const ReviewAnswer& review) {
  return {{"proposal", review.proposal},
          {"is_rejected", review.is_rejected},
          {"who", review.who},
          {"when", review.when},
          {"remark", review.remark}};
}

ReviewAnswer ReviewFrom(const nlohmann::json& json) {
  MessageFields fields(json, "review");
  ReviewAnswer review;
  review.proposal = fields.String("proposal", 1024);
  review.is_rejected = fields.Boolean("is_rejected");
  review.who = fields.String("who", 1024);
  review.when = fields.String("when", 64);
  review.remark = fields.String("remark", 2048);
  fields.Done();
  return review;
}

}  // namespace

std::string ReaderRequestText(const ReaderRequest& request) {
  return MessageText("inspect", {{"name", request.name},
                                 {"files", request.files},
                                 {"options", ReadOptionsToJson(request.options)},
                                 {"import", ImportOptionsToJson(request.import)}});
}

ReaderRequest ParseReaderRequest(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "inspect");
  ReaderRequest request;
  request.name = fields.String("name");
  request.files = fields.Strings("files", kMaxFiles);
  request.options = ReadOptionsFromJson(fields.Object("options"));
  request.import = ImportOptionsFromJson(fields.Object("import"));
  fields.Done();
  return request;
}

std::string ReaderAnswerText(const ReaderAnswer& answer) {
  nlohmann::json fields = nlohmann::json::object();
  if (answer.study) fields["study"] = StudyToJson(*answer.study);
  if (answer.problem) fields["problem"] = ProblemToJson(*answer.problem);
  if (answer.prompts_problem) fields["prompts_problem"] = ProblemToJson(*answer.prompts_problem);
  if (!answer.prompts_sha256.empty()) {
    fields["prompts_file"] = answer.prompts_file;
    fields["prompts_sha256"] = answer.prompts_sha256;
    if (answer.review) fields["review"] = ReviewToJson(*answer.review);
  }
  if (!answer.prior_objects.empty()) fields["prior_objects"] = answer.prior_objects;
  if (!answer.mask_sha256.empty()) fields["mask_sha256"] = answer.mask_sha256;
  if (answer.mask_problem) fields["mask_problem"] = ProblemToJson(*answer.mask_problem);
  if (!answer.masks_not_taken.empty()) fields["masks_not_taken"] = answer.masks_not_taken;
  return MessageText("inspected", std::move(fields));
}

ReaderAnswer ParseReaderAnswer(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "inspected");
  ReaderAnswer answer;
  if (fields.Has("study")) answer.study = StudyField(fields, "study");
  answer.problem = OptionalProblem(fields, "problem");
  answer.prompts_problem = OptionalProblem(fields, "prompts_problem");
  if (fields.Has("prompts_sha256")) {
    answer.prompts_file = fields.String("prompts_file");
    answer.prompts_sha256 = DigestField(fields, "prompts_sha256");
    if (fields.Has("review")) answer.review = ReviewFrom(fields.Object("review"));
  }
  if (fields.Has("prior_objects")) answer.prior_objects = fields.Strings("prior_objects", kMaxFiles);
  if (fields.Has("mask_sha256")) answer.mask_sha256 = DigestField(fields, "mask_sha256");
  answer.mask_problem = OptionalProblem(fields, "mask_problem");
  if (fields.Has("masks_not_taken")) answer.masks_not_taken = fields.Strings("masks_not_taken", kMaxFiles);
  fields.Done();
  if (!answer.study && !answer.problem) throw MessageError("inspected has neither study nor problem");
  return answer;
}

}  // namespace dinsd
