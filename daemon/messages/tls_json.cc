#include "daemon/messages/tls_json.h"

#include "daemon/messages/message_fields.h"

namespace dinsd {

nlohmann::json TlsToJson(const TlsSettings& tls) {
  return {{"enabled", tls.enabled},
          {"certificate", tls.certificate.string()},
          {"key", tls.key.string()},
          {"trusted", tls.trusted.string()}};
}

TlsSettings TlsFromJson(const nlohmann::json& object, const std::string& name) {
  MessageFields fields(object, name);
  TlsSettings tls;
  tls.enabled = fields.Boolean("enabled");
  tls.certificate = fields.String("certificate");
  tls.key = fields.String("key");
  tls.trusted = fields.String("trusted");
  fields.Done();
  return tls;
}

}  // namespace dinsd
