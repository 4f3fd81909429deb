#include "daemon/messages/checked_fields.h"

#include <stdexcept>

#include "pipeline/read/study_json.h"

namespace dinsd {

std::string DigestField(MessageFields& fields, const char* name) {
  std::string digest = DigestOrNone(fields, name);
  if (digest.empty()) throw MessageError(std::string(name) + " is no SHA-256");
  return digest;
}

std::string DigestOrNone(MessageFields& fields, const char* name) {
  std::string digest = fields.String(name, 64);
  if (digest.empty()) return digest;
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw MessageError(std::string(name) + " is no SHA-256");
  }
  return digest;
}

bool IsUid(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789.") == std::string::npos;
}

std::string UidField(MessageFields& fields, const char* name, bool may_be_empty) {
  std::string uid = fields.String(name, 64);
  if (!IsUid(uid) && !(may_be_empty && uid.empty())) throw MessageError(std::string(name) + " is no UID");
  return uid;
}

InspectedStudy StudyField(MessageFields& fields, const char* name) {
  try {
    return StudyFromJson(fields.Object(name));
  } catch (const std::invalid_argument& error) {
    throw MessageError(std::string(name) + ": " + error.what());
  }
}

}  // namespace dinsd
