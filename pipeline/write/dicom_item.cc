#include "pipeline/write/dicom_item.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dctag.h>

#include <charconv>
#include <stdexcept>

#include "pipeline/read/date_time.h"

namespace dinsd {
namespace {

void Check(const OFCondition& condition, const DcmTagKey& key) {
  if (condition.good()) return;
  throw std::runtime_error(std::string("DICOM: cannot set ") + DcmTag(key).getTagName() + ": " + condition.text());
}

bool IsUtf8Set(DcmItem& header) {
  OFString set;
  return header.findAndGetOFString(DCM_SpecificCharacterSet, set).good() && set == "ISO_IR 192";
}

}  // namespace

void PutText(DcmItem& item, const DcmTagKey& key, const std::string& value) {
  Check(item.putAndInsertOFStringArray(key, OFString(value.data(), value.size())), key);
}

void PutNumber(DcmItem& item, const DcmTagKey& key, std::uint16_t value) {
  Check(item.putAndInsertUint16(key, value), key);
}

DcmItem& AddItem(DcmItem& item, const DcmTagKey& sequence) {
  constexpr long kAtEnd = -2;
  DcmItem* added = nullptr;
  Check(item.findOrCreateSequenceItem(sequence, added, kAtEnd), sequence);
  return *added;
}

void AddCode(DcmItem& item, const DcmTagKey& sequence, const DicomCode& code) {
  DcmItem& added = AddItem(item, sequence);
  PutText(added, DCM_CodeValue, code.value);
  PutText(added, DCM_CodingSchemeDesignator, code.scheme);
  PutText(added, DCM_CodeMeaning, code.meaning);
}

void CopyIfThere(DcmItem& from, const DcmTagKey& key, DcmItem& item) {
  if (from.tagExists(key)) Check(from.findAndInsertCopyOfElement(key, &item), key);
}

void CopyOrEmpty(DcmItem& from, const DcmTagKey& key, DcmItem& item) {
  if (from.tagExists(key)) return CopyIfThere(from, key, item);
  Check(item.insertEmptyElement(key), key);
}

std::string DecimalString(double value) {
  constexpr std::size_t kLongest = 16;
  std::array<char, 64> text{};
  char* const begin = text.data();
  char* const end = begin + text.size();
  char* rest = std::to_chars(begin, end, value).ptr;
  for (int digits = 16; rest - begin > static_cast<std::ptrdiff_t>(kLongest); --digits) {
    rest = std::to_chars(begin, end, value, std::chars_format::general, digits).ptr;
  }
  return {begin, rest};
}

std::string TextFor(DcmItem& header, const std::string& utf8, std::size_t max_characters) {
  const bool is_utf8 = IsUtf8Set(header);
  std::string text;
  std::size_t characters = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_more_of_one = byte >> 6 == 2;
    if (is_more_of_one && !is_utf8) continue;
    if (!is_more_of_one && ++characters > max_characters) break;
    const bool is_kept = is_utf8 ? byte >= 0x20 && byte != 0x7F && c != '\\' : byte >= 0x20 && byte < 0x7F && c != '\\';
    text += is_kept ? c : '_';
  }
  return text;
}

std::array<std::string, 2> DateAndTime(const std::string& rfc3339) {
  const std::optional<std::int64_t> microseconds = ParseDateTime(rfc3339);
  if (!microseconds) throw std::invalid_argument("'" + rfc3339 + "' is no date-time of RFC 3339");
  constexpr std::int64_t kMillion = 1'000'000;
  const std::int64_t seconds = *microseconds / kMillion - (*microseconds % kMillion < 0 ? 1 : 0);
  const std::string text = FormatDateTime(seconds);  // 2026-11-01T09:30:00Z
  return {text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2),
          text.substr(11, 2) + text.substr(14, 2) + text.substr(17, 2)};
}

}  // namespace dinsd
