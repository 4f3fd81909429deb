#include "pipeline/read/dicom_elements.h"

#include <algorithm>
#include <array>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 21> kShortVrs = {"AE", "AS", "AT", "CS", "DA", "DS", "DT",
                                                        "FD", "FL", "IS", "LO", "LT", "PN", "SH",
                                                        "SL", "SS", "ST", "TM", "UI", "UL", "US"};
constexpr std::array<std::string_view, 13> kLongVrs = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                       "SV", "UC", "UN", "UR", "UT", "UV"};

template <typename List>
bool IsIn(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string DicomTagText(std::uint32_t tag) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "(";
  for (int digit = 7; digit >= 0; --digit) {
    text += kDigits[tag >> (4 * digit) & 0xF];
    if (digit == 4) text += ',';
  }
  return text + ")";
}

void DicomElementReader::Refuse(const char* code, const std::string& field, const std::string& why) const {
  throw InputError(code, file_, field, why);
}

std::uint32_t DicomElementReader::Short(std::size_t offset, bool is_big_endian) const {
  const auto first = std::to_integer<std::uint32_t>(bytes_[position_ + offset]);
  const auto second = std::to_integer<std::uint32_t>(bytes_[position_ + offset + 1]);
  return is_big_endian ? first << 8 | second : second << 8 | first;
}

std::uint32_t DicomElementReader::Long(std::size_t offset, bool is_big_endian) const {
  const std::uint32_t first = Short(offset, is_big_endian), second = Short(offset + 2, is_big_endian);
  return is_big_endian ? first << 16 | second : second << 16 | first;
}

std::uint32_t DicomElementReader::Tag(std::size_t offset, bool is_big_endian) const {
  return Short(offset, is_big_endian) << 16 | Short(offset + 2, is_big_endian);
}

std::string_view DicomElementReader::Text(std::size_t offset, std::size_t size) const {
  return {reinterpret_cast<const char*>(bytes_.data()) + position_ + offset, size};
}

bool DicomElementReader::IsVr(std::size_t offset) const {
  return IsIn(kShortVrs, Text(offset, 2)) || IsIn(kLongVrs, Text(offset, 2));
}

std::string DicomElementReader::Value(const DicomElement& element) const {
  constexpr std::size_t kLongest = 1024;
  std::string_view text = Text(0, element.length);
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text.substr(0, kLongest));
}

void DicomElementReader::Need(std::size_t count, std::size_t end, const std::string& field) const {
  if (end - position_ >= count) return;
  Refuse("LENGTH_OVERRUN", field,
         "byte " + std::to_string(position_) + ": " + std::to_string(end - position_) +
             " bytes are left for a header of " + std::to_string(count));
}

void DicomElementReader::CheckLength(const DicomElement& element, std::size_t end) const {
  if (element.length <= end - position_) return;
  Refuse("LENGTH_OVERRUN", DicomTagText(element.tag),
         std::to_string(element.length) + " bytes are promised, " + std::to_string(end - position_) + " are left");
}

DicomElement DicomElementReader::Next(const DicomEncoding& encoding, std::size_t end) {
  constexpr std::uint32_t kDelimiterGroup = 0xFFFE;
  if (++elements_ > max_elements_) {
    Refuse("LIMIT_EXCEEDED", "", "more than " + std::to_string(max_elements_) + " elements");
  }
  DicomElement element;
  element.begin = position_;
  Need(8, end, "");
  element.tag = Tag(0, encoding.is_big_endian);
  if (!encoding.is_explicit || element.tag >> 16 == kDelimiterGroup) {
    element.length = Long(4, encoding.is_big_endian);
    position_ += 8;
    return element;
  }
  element.vr = Text(4, 2);
  if (IsIn(kShortVrs, element.vr)) {
    element.length = Short(6, encoding.is_big_endian);
    position_ += 8;
  } else if (IsIn(kLongVrs, element.vr)) {
    Need(12, end, DicomTagText(element.tag));
    element.length = Long(8, encoding.is_big_endian);
    position_ += 12;
  } else {
    Refuse("NONSTANDARD_VR", DicomTagText(element.tag),
           "byte " + std::to_string(position_) + ": its value representation is none of DICOM's");
  }
  return element;
}

}  // namespace dinsd
