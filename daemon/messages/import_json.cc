#include "daemon/messages/import_json.h"

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/message_fields.h"
#include "pipeline/read/word_pattern.h"

namespace dinsd {

nlohmann::json ImportOptionsToJson(const ImportOptions& options) {
  return {{"masks", options.masks}, {"regions", options.regions}};
}

ImportOptions ImportOptionsFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "import");
  ImportOptions options;
  options.masks = fields.Boolean("masks");
  options.regions = fields.String("regions");
  fields.Done();
  if (!options.regions.empty() && !IsWordPattern(options.regions)) throw MessageError("import.regions is no pattern");
  return options;
}

nlohmann::json ImportOrderToJson(const ImportOrder& order) {
  return {{"mask_sha256", order.mask_sha256}, {"options", ImportOptionsToJson(order.options)}};
}

ImportOrder ImportOrderFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "import");
  ImportOrder order;
  order.mask_sha256 = DigestField(fields, "mask_sha256");
  order.options = ImportOptionsFromJson(fields.Object("options"));
  fields.Done();
  return order;
}

}  // namespace dinsd
