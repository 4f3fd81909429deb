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

InspectedStudy StudyField(MessageFields& fields, const char* name) {
  try {
    return StudyFromJson(fields.Object(name));
  } catch (const std::invalid_argument& error) {
    throw MessageError(std::string(name) + ": " + error.what());
  }
}

}  // namespace dinsd
