#include "daemon/messages/work_order.h"

#include <utility>

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/dicom_output_json.h"
#include "daemon/messages/import_json.h"
#include "daemon/messages/message_fields.h"
#include "daemon/messages/options_json.h"
#include "pipeline/read/study_json.h"

namespace dinsd {

namespace {

constexpr std::int64_t kMostJobs = std::int64_t{1} << 53;

nlohmann::json PriorToJson(const PriorOrder& prior) {
  return {{"job", prior.job}, {"revision", prior.revision}, {"result_sha256", prior.result_sha256}};
}

PriorOrder PriorFrom(const nlohmann::json& json, const char* name) {
  MessageFields fields(json, name);
  PriorOrder prior;
  prior.job = fields.Integer("job", 0, kMostJobs);
  prior.revision = fields.Integer("revision", 1, kMostJobs);
  prior.result_sha256 = DigestField(fields, "result_sha256");
  fields.Done();
  return prior;
}

ProposalOrder ProposalFrom(const nlohmann::json& json) {
  MessageFields fields(json, "proposal");
  ProposalOrder proposal{PriorFrom(fields.Object("result"), "proposal.result"), std::nullopt};
  if (fields.Has("prior")) proposal.prior = PriorFrom(fields.Object("prior"), "proposal.prior");
  fields.Done();
  return proposal;
}

}  // namespace

std::string StudyOrderText(const StudyOrder& order) {
  nlohmann::json fields = {{"study", StudyToJson(order.study)},
                           {"inputs_sha256", order.inputs_sha256},
                           {"read", ReadOptionsToJson(order.read)},
                           {"options", SegmentOptionsToJson(order.options)},
                           {"objects", DicomOutputToJson(order.objects)}};
  if (order.import) {
    fields["import"] = ImportOrderToJson(*order.import);
    return MessageText("order", std::move(fields));
  }
  fields["weights_path"] = order.weights.path.string();
  fields["weights_sha256"] = order.weights.sha256;
  if (order.proposal) {
    fields["proposal"] = {{"result", PriorToJson(order.proposal->result)}};
    if (order.proposal->prior) fields["proposal"]["prior"] = PriorToJson(*order.proposal->prior);
  }
  if (order.prior) {
    fields["prior"] = PriorToJson(*order.prior);
  }
  if (!order.prompts_sha256.empty()) fields["prompts_sha256"] = order.prompts_sha256;
  return MessageText("order", std::move(fields));
}

StudyOrder ParseStudyOrder(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "order");
  StudyOrder order;
  order.study = StudyField(fields, "study");
  order.inputs_sha256 = DigestField(fields, "inputs_sha256");
  order.read = ReadOptionsFromJson(fields.Object("read"));
  order.options = SegmentOptionsFromJson(fields.Object("options"));
  if (fields.Has("objects")) order.objects = DicomOutputFromJson(fields.Object("objects"));  // else of an older daemon
  if (fields.Has("import")) {
    order.import = ImportOrderFromJson(fields.Object("import"));
    fields.Done();
    return order;
  }
  order.weights.path = fields.String("weights_path");
  order.weights.sha256 = DigestField(fields, "weights_sha256");
  if (fields.Has("prior")) order.prior = PriorFrom(fields.Object("prior"), "prior");
  if (!order.prior || fields.Has("prompts_sha256")) order.prompts_sha256 = DigestField(fields, "prompts_sha256");
  if (fields.Has("proposal")) order.proposal = ProposalFrom(fields.Object("proposal"));
  fields.Done();
  return order;
}

}  // namespace dinsd
