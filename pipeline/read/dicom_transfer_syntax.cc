#include "pipeline/read/dicom_transfer_syntax.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace dinsd {
namespace {

struct Syntax {
  std::string_view uid, name;
  bool has_decoder, is_compressed, is_lossy;
};

constexpr std::array<Syntax, 18> kSyntaxes = {{
    {"1.2.840.10008.1.2", "implicit little endian", true, false, false},
    {"1.2.840.10008.1.2.1", "explicit little endian", true, false, false},
    {"1.2.840.10008.1.2.2", "explicit big endian", true, false, false},
    {"1.2.840.10008.1.2.5", "RLE", true, true, false},
    {"1.2.840.10008.1.2.4.50", "JPEG baseline", true, true, true},
    {"1.2.840.10008.1.2.4.51", "JPEG extended", true, true, true},
    {"1.2.840.10008.1.2.4.57", "JPEG lossless", true, true, false},
    {"1.2.840.10008.1.2.4.70", "JPEG lossless, first order", true, true, false},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS lossless", true, true, false},
    {"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless", true, true, true},
    {"1.2.840.10008.1.2.4.90", "JPEG 2000 lossless", false, true, false},
    {"1.2.840.10008.1.2.4.91", "JPEG 2000", false, true, true},
    {"1.2.840.10008.1.2.4.201", "HTJ2K lossless", false, true, false},
    {"1.2.840.10008.1.2.4.202", "HTJ2K lossless", false, true, false},
    {"1.2.840.10008.1.2.4.203", "HTJ2K", false, true, true},
    {"1.2.840.10008.1.2.4.110", "JPEG XL lossless", false, true, false},
    {"1.2.840.10008.1.2.4.111", "JPEG XL", false, true, true},
    {"1.2.840.10008.1.2.4.112", "JPEG XL", false, true, true},
}};

const Syntax* Find(const std::string& uid) {
  const auto found = std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const Syntax& s) { return s.uid == uid; });
  return found == kSyntaxes.end() ? nullptr : &*found;
}

}  // namespace

bool HasDecoder(const std::string& transfer_syntax) {
  const Syntax* syntax = Find(transfer_syntax);
  return syntax != nullptr && syntax->has_decoder;
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
