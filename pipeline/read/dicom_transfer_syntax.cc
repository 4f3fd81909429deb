#include "pipeline/read/dicom_transfer_syntax.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace dinsd {
namespace {

struct Syntax {
  std::string_view uid, name;
  PixelDecoder decoder;
  bool is_compressed, is_lossy;
};

constexpr std::array<Syntax, 18> kSyntaxes = {{
    {"1.2.840.10008.1.2", "implicit little endian", PixelDecoder::kDcmtk, false, false},
    {"1.2.840.10008.1.2.1", "explicit little endian", PixelDecoder::kDcmtk, false, false},
    {"1.2.840.10008.1.2.2", "explicit big endian", PixelDecoder::kDcmtk, false, false},
    {"1.2.840.10008.1.2.5", "RLE", PixelDecoder::kDcmtk, true, false},
    {"1.2.840.10008.1.2.4.50", "JPEG baseline", PixelDecoder::kDcmtk, true, true},
    {"1.2.840.10008.1.2.4.51", "JPEG extended", PixelDecoder::kDcmtk, true, true},
    {"1.2.840.10008.1.2.4.57", "JPEG lossless", PixelDecoder::kDcmtk, true, false},
    {"1.2.840.10008.1.2.4.70", "JPEG lossless, first order", PixelDecoder::kDcmtk, true, false},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS lossless", PixelDecoder::kDcmtk, true, false},
    {"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", PixelDecoder::kDcmtk, true, true},
    {"1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", PixelDecoder::kOpenJpeg, true, false},
    {"1.2.840.10008.1.2.4.91", "JPEG 2000", PixelDecoder::kOpenJpeg, true, true},
    {"1.2.840.10008.1.2.4.201", "HTJ2K lossless", PixelDecoder::kNone, true, false},
    {"1.2.840.10008.1.2.4.202", "HTJ2K lossless", PixelDecoder::kNone, true, false},
    {"1.2.840.10008.1.2.4.203", "HTJ2K", PixelDecoder::kNone, true, true},
    {"1.2.840.10008.1.2.4.110", "JPEG XL lossless", PixelDecoder::kNone, true, false},
    {"1.2.840.10008.1.2.4.111", "JPEG XL", PixelDecoder::kNone, true, true},
    {"1.2.840.10008.1.2.4.112", "JPEG XL", PixelDecoder::kNone, true, true},
}};

const Syntax* Find(const std::string& uid) {
  const auto found = std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const Syntax& s) { return s.uid == uid; });
  return found == kSyntaxes.end() ? nullptr : &*found;
}

}  // namespace

PixelDecoder DecoderOf(const std::string& transfer_syntax) {
  const Syntax* syntax = Find(transfer_syntax);
  return syntax == nullptr ? PixelDecoder::kNone : syntax->decoder;
}

bool IsCompressed(const std::string& transfer_syntax) {
  const Syntax* syntax = Find(transfer_syntax);
  return syntax != nullptr && syntax->is_compressed;
}

bool IsLossy(const std::string& transfer_syntax) {
  const Syntax* syntax = Find(transfer_syntax);
  return syntax != nullptr && syntax->is_lossy;
}

std::string TransferSyntaxName(const std::string& transfer_syntax) {
  if (const Syntax* syntax = Find(transfer_syntax)) return std::string(syntax->name);
  const bool is_uid = !transfer_syntax.empty() && transfer_syntax.size() <= 64 &&
                      transfer_syntax.find_first_not_of("0123456789.") == std::string::npos;
  return is_uid ? "transfer syntax " + transfer_syntax : "a transfer syntax that is no UID";
}

}  // namespace dinsd
