#pragma once

#include <string>

namespace dinsd {

/// What a transfer syntax UID means to this reader (DICOM PS3.6 annex A).
[[nodiscard]] bool HasDecoder(const std::string& transfer_syntax);
[[nodiscard]] bool IsCompressed(const std::string& transfer_syntax);
[[nodiscard]] bool IsLossy(const std::string& transfer_syntax);

/// A name for people, such as "JPEG 2000"; the UID where it is not known.
[[nodiscard]] std::string TransferSyntaxName(const std::string& transfer_syntax);

}  // namespace dinsd
