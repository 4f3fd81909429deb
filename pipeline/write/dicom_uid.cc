#include "pipeline/write/dicom_uid.h"

#include <span>

#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

// The first 30 hexadecimal digits as a decimal number.
std::string DecimalOf(const std::string& hex) {
  constexpr std::size_t kDigits = 30;
  std::string decimal = "0";
  for (std::size_t i = 0; i < kDigits; ++i) {
    int carry = hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10;
    for (auto digit = decimal.rbegin(); digit != decimal.rend(); ++digit) {
      carry += (*digit - '0') * 16;
      *digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) decimal.insert(decimal.begin(), static_cast<char>('0' + carry % 10));
  }
  return decimal;
}

}  // namespace

std::string UidOfText(std::string_view text) {
  return "2.25." + DecimalOf(Sha256Hex(std::as_bytes(std::span(text))));
}

std::string TrackingUidOf(const std::string& study_uid, const std::string& series_uid, const std::string& lesion_id) {
  std::string text = "dinsd lesion ";
  text.append(study_uid).append(" ").append(series_uid).append(" ").append(lesion_id);
  return UidOfText(text);
}

}  // namespace dinsd
