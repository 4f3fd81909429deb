#include "pipeline/write/dicom_code.h"

namespace dinsd {

bool IsHoldable(const DicomCode& code) {
  constexpr std::size_t kShortText = 16, kLongText = 64;  // characters of SH and of LO
  const auto is_plain = [](const std::string& text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && text.find_first_not_of(' ') == 0 &&
           text.find_first_of("\\\r\n\t") == std::string::npos;
  };
  return is_plain(code.value, kShortText) && is_plain(code.scheme, kShortText) && is_plain(code.meaning, kLongText);
}

}  // namespace dinsd
