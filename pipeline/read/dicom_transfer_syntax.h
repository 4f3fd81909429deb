#pragma once

#include <string>

namespace dinsd {

enum class PixelDecoder {
  kNone,
  kDcmtk,     // uncompressed, too
  kOpenJpeg,  // JPEG 2000: only where DicomReadOptions::jpeg_2000 allows it
};

/// What a transfer syntax UID means to this reader (DICOM PS3.6 annex A).
[[nodiscard]] PixelDecoder DecoderOf(const std::string& transfer_syntax);
[[nodiscard]] bool IsCompressed(const std::string& transfer_syntax);
[[nodiscard]] bool IsLossy(const std::string& transfer_syntax);

/// A name for people, such as "JPEG 2000"; the UID where it is not known.
[[nodiscard]] std::string TransferSyntaxName(const std::string& transfer_syntax);

}  // namespace dinsd
