#pragma once

#include <dcmtk/dcmdata/dcitem.h>

#include <array>
#include <cstdint>
#include <string>

#include "pipeline/write/dicom_code.h"

namespace dinsd {

// Puts values into a data set, or an item of one, that is being written. All throw std::runtime_error that names the
// attribute where the library refuses it.

/// A value of any VR as text, several parted by backslashes; it stands in place of one that was there.
void PutText(DcmItem& item, const DcmTagKey& key, const std::string& value);

/// An unsigned 16-bit value.
void PutNumber(DcmItem& item, const DcmTagKey& key, std::uint16_t value);

/// A new item at the end of a sequence, which is made where it is not there.
DcmItem& AddItem(DcmItem& item, const DcmTagKey& sequence);

/// One more item of a code sequence.
void AddCode(DcmItem& item, const DcmTagKey& sequence, const DicomCode& code);

/// What `from` has under `key`, as it is; nothing where it has nothing.
void CopyIfThere(DcmItem& from, const DcmTagKey& key, DcmItem& item);

/// The same, but an empty value where it has nothing.
void CopyOrEmpty(DcmItem& from, const DcmTagKey& key, DcmItem& item);

/// A decimal string (DS): at most 16 characters, the shortest text that is nearest to the value.
[[nodiscard]] std::string DecimalString(double value);

/// Text that is safe as one value of a text element in the character set of `header`: backslashes and control
/// characters become '_', and so do characters beyond ASCII unless that is UTF-8; cut at `max_characters`.
[[nodiscard]] std::string TextFor(DcmItem& header, const std::string& utf8, std::size_t max_characters);

/// Date (YYYYMMDD) and time (HHMMSS) in UTC of a date-time of RFC 3339. Throws std::invalid_argument where it is none.
[[nodiscard]] std::array<std::string, 2> DateAndTime(const std::string& rfc3339);

}  // namespace dinsd
