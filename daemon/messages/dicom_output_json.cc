#include "daemon/messages/dicom_output_json.h"

#include <stdexcept>
#include <string>

#include "daemon/messages/message_fields.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongestWord = 64, kMostReplaced = 256;

nlohmann::json CodeToJson(const DicomCode& code) {
  return {{"value", code.value}, {"scheme", code.scheme}, {"meaning", code.meaning}};
}

DicomCode CodeFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "code");
  DicomCode code;
  code.value = fields.String("value", kLongestWord);
  code.scheme = fields.String("scheme", kLongestWord);
  code.meaning = fields.String("meaning", kLongestWord);
  fields.Done();
  return code;
}

DicomCodes CodesFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "codes");
  DicomCodes codes;
  for (const NamedCode& named : CodesByName()) codes.*named.code = CodeFromJson(fields.Object(named.name));
  fields.Done();
  return codes;
}

ReplacedCode ReplacedFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "replaced site");
  ReplacedCode replaced{fields.String("value", kLongestWord), CodeFromJson(fields.Object("by"))};
  fields.Done();
  return replaced;
}

}  // namespace

nlohmann::json DicomOutputToJson(const DicomOutputOptions& options) {
  nlohmann::json codes = nlohmann::json::object();
  for (const NamedCode& named : CodesByName()) codes[named.name] = CodeToJson(options.codes.*named.code);
  nlohmann::json replaced = nlohmann::json::array();
  for (const ReplacedCode& code : options.replaced_sites)
    replaced.push_back({{"value", code.value}, {"by", CodeToJson(code.by)}});
  return {{"seg", options.seg},
          {"sr", options.sr},
          {"rtstruct", options.rtstruct},
          {"secondary_capture", options.secondary_capture},
          {"max_segments", options.max_segments},
          {"codes", codes},
          {"replaced_sites", replaced}};
}

DicomOutputOptions DicomOutputFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "dicom output");
  DicomOutputOptions options;
  options.seg = fields.Boolean("seg");
  options.sr = fields.Boolean("sr");
  options.rtstruct = fields.Boolean("rtstruct");
  options.secondary_capture = fields.Boolean("secondary_capture");
  options.max_segments = static_cast<std::size_t>(fields.Integer("max_segments", 1, 65535));
  options.codes = CodesFromJson(fields.Object("codes"));
  options.replaced_sites.clear();
  for (const nlohmann::json& replaced : fields.List("replaced_sites", kMostReplaced))
    options.replaced_sites.push_back(ReplacedFromJson(replaced));
  fields.Done();
  try {
    options.Check();
  } catch (const std::invalid_argument& error) {
    throw MessageError(error.what());
  }
  return options;
}

}  // namespace dinsd
