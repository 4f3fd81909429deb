#include "daemon/messages/work_order.h"

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/dicom_output_json.h"
#include "daemon/messages/message_fields.h"
#include "daemon/messages/options_json.h"
#include "pipeline/read/study_json.h"

namespace dinsd {

std::string StudyOrderText(const StudyOrder& order) {
  return MessageText("order", {{"study", StudyToJson(order.study)},
                               {"inputs_sha256", order.inputs_sha256},
                               {"prompts_sha256", order.prompts_sha256},
                               {"weights_path", order.weights.path.string()},
                               {"weights_sha256", order.weights.sha256},
                               {"read", ReadOptionsToJson(order.read)},
                               {"options", SegmentOptionsToJson(order.options)},
                               {"objects", DicomOutputToJson(order.objects)}});
}

StudyOrder ParseStudyOrder(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "order");
  StudyOrder order;
  order.study = StudyField(fields, "study");
  order.inputs_sha256 = DigestField(fields, "inputs_sha256");
  order.prompts_sha256 = DigestField(fields, "prompts_sha256");
  order.weights.path = fields.String("weights_path");
  order.weights.sha256 = DigestField(fields, "weights_sha256");
  order.read = ReadOptionsFromJson(fields.Object("read"));
  order.options = SegmentOptionsFromJson(fields.Object("options"));
  if (fields.Has("objects")) order.objects = DicomOutputFromJson(fields.Object("objects"));  // else of an older daemon
  fields.Done();
  return order;
}

}  // namespace dinsd
