#pragma once

#include "config/settings_keys.h"

namespace dinsd {

/// [publish]: which DICOM objects a result has, and the codes in them.
[[nodiscard]] Section PublishSection(DicomOutputOptions& options);

}  // namespace dinsd
