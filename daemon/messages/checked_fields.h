#pragma once

#include <string>

#include "daemon/messages/message_fields.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// Takes a SHA-256 in 64 lower-case hexadecimal digits. Throws MessageError.
[[nodiscard]] std::string DigestField(MessageFields& fields, const char* name);

/// The same, or an empty text. Throws MessageError.
[[nodiscard]] std::string DigestOrNone(MessageFields& fields, const char* name);

/// Takes an inspected study. Throws MessageError.
[[nodiscard]] InspectedStudy StudyField(MessageFields& fields, const char* name);

}  // namespace dinsd
