#include "pipeline/report/method.h"

#include <nlohmann/json.hpp>
#include <span>

#include "pipeline/read/digest.h"
#include "pipeline/report/report_json.h"

namespace dinsd {

std::string ThisSoftware() {
  return std::string("dinsd ") + DINSD_VERSION;
}

std::string OptionsDigest(const SegmentOptions& options) {
  const std::string canonical = OptionsJson(options).dump();
  return Sha256Hex(std::as_bytes(std::span(canonical)));
}

std::string MethodDigest(const std::string& weights_sha256, const std::string& options_sha256,
                         const std::string& software) {
  std::string method = weights_sha256;
  method.append("\n").append(options_sha256).append("\n").append(software);
  return Sha256Hex(std::as_bytes(std::span(method)));
}

std::string MethodDigest(const nlohmann::json& provenance) {
  const auto text = [](const nlohmann::json& object, const char* key) {
    return object.contains(key) && object.at(key).is_string() ? object.at(key).get<std::string>() : "";
  };
  if (provenance.contains("imported"))
    return std::string(kImportedMethod).append(" ").append(text(provenance.at("imported"), "sha256"));
  return MethodDigest(text(provenance.at("weights"), "sha256"), text(provenance, "options_sha256"),
                      text(provenance, "software"));
}

}  // namespace dinsd
