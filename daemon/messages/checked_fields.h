#pragma once

#include <string>

#include "daemon/messages/message_fields.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// Takes a SHA-256 in 64 lower-case hexadecimal digits. Throws MessageError.
[[nodiscard]] std::string DigestField(MessageFields& fields, const char* name);

/// The same, or an empty text. Throws MessageError.
[[nodiscard]] std::string DigestOrNone(MessageFields& fields, const char* name);

/// Whether a text can be a UID: 1 to 64 digits and dots.
[[nodiscard]] bool IsUid(const std::string& text);

/// Takes a UID, or with `may_be_empty` an empty text. Throws MessageError.
[[nodiscard]] std::string UidField(MessageFields& fields, const char* name, bool may_be_empty = false);

/// Takes an inspected study. Throws MessageError.
[[nodiscard]] InspectedStudy StudyField(MessageFields& fields, const char* name);

}  // namespace dinsd
