#pragma once

#include <string>
#include <string_view>

namespace dinsd {

/// The DICOM UID that stands for `text`: "2.25." and the first 120 bits of its SHA-256 as a decimal number, 42
/// characters at most. Equal text, equal UID; nothing else goes into it. Thread-safe.
[[nodiscard]] std::string UidOfText(std::string_view text);

/// The TrackingUID of a lesion whose clicks give none: made of the study, the series and the lesion's id where it was
/// first measured. Whoever follows the lesion takes it along.
[[nodiscard]] std::string TrackingUidOf(const std::string& study_uid, const std::string& series_uid,
                                        const std::string& lesion_id);

}  // namespace dinsd
