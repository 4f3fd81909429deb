#include "pipeline/read/dicom_data_set.h"

#include <dcmtk/dcmdata/dcbytstr.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <cmath>
#include <cstdlib>
#include <mutex>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongestText = 1024;

void PrepareDcmtkOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

std::string Trimmed(const std::string& text) {
  constexpr std::string_view kPadding(" \0", 2);
  const auto first = text.find_first_not_of(kPadding);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

// Length of the UTF-8 sequence that starts at `at`, 0 where none does.
std::size_t Utf8Length(const std::string& text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  const std::size_t length =
      lead >= 0xC2 && lead <= 0xDF ? 2 : (lead >> 4 == 0xE ? 3 : (lead >= 0xF0 && lead <= 0xF4 ? 4 : 0));
  if (length == 0 || at + length > text.size()) return 0;
  std::uint32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if (next >> 6 != 2) return 0;
    code = code << 6 | (next & 0x3FU);
  }
  const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return is_overlong || is_surrogate || code > 0x10FFFF ? 0 : length;
}

std::string Escaped(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8Length(text, at);
    if (length > 0) {
      safe.append(text, at, length);
      at += length;
    } else {
      const auto byte = static_cast<unsigned char>(text[at++]);
      safe += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xF]};
    }
  }
  return safe;
}

bool IsAscii(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\x1B') return false;
  }
  return true;
}

// The same text in UTF-8, or unchanged where its character set is unknown or lies.
std::string ToUtf8(const std::string& text, const std::string& character_set) {
  if (IsAscii(text) || character_set.empty() || character_set == "ISO_IR 192") return text;
  DcmSpecificCharacterSet converter;
  OFString converted;
  if (converter.selectCharacterSet(OFString(character_set.c_str()), "ISO_IR 192").bad()) return text;
  if (converter.convertString(OFString(text.data(), text.size()), converted, "\\^=").bad()) return text;
  return {converted.data(), converted.size()};
}

// The bytes of a text element; a reader of explicit VR finds what is too long for it as UN.
std::string_view ValueOf(DcmElement& element) {
  Uint8* raw = nullptr;
  if (element.ident() == EVR_UN && element.getUint8Array(raw).good() && raw != nullptr) {
    return {reinterpret_cast<const char*>(raw), element.getLengthField()};
  }
  char* text = nullptr;
  Uint32 length = 0;
  auto* byte_string = dynamic_cast<DcmByteString*>(&element);
  if (byte_string == nullptr || byte_string->getString(text, length).bad() || text == nullptr) return {};
  return {text, length};
}

std::optional<double> ParseNumber(const std::string& text) {
  const std::string trimmed = Trimmed(text);
  if (trimmed.empty() || trimmed.find_first_not_of("0123456789+-.eE") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(trimmed.c_str(), &end);
  if (end != trimmed.c_str() + trimmed.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const auto end = text.find('\\', begin);
    parts.push_back(Trimmed(text.substr(begin, end - begin)));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace

std::unique_ptr<DcmDataset> LoadDataSet(std::span<const std::byte> bytes, const DicomLayout& layout, DicomPart part,
                                        const std::string& file) {
  PrepareDcmtkOnce();
  const std::size_t end = part == DicomPart::kHeader ? layout.pixel_element_offset : bytes.size();
  const std::span<const std::byte> data = bytes.subspan(layout.data_set_offset, end - layout.data_set_offset);
  E_TransferSyntax syntax = DcmXfer(layout.transfer_syntax.c_str()).getXfer();
  if (syntax == EXS_Unknown) syntax = EXS_LittleEndianExplicit;  // PS3.5 10: what all others build upon
  DcmInputBufferStream stream;
  stream.setBuffer(data.data(), static_cast<offile_off_t>(data.size()));
  stream.setEos();
  auto data_set = std::make_unique<DcmDataset>();
  data_set->transferInit();
  const OFCondition condition = data_set->read(stream, syntax, EGL_noChange);
  data_set->transferEnd();
  if (condition.bad() && condition != EC_EndOfStream)
    throw InputError("NOT_DICOM", file, "", "its data set cannot be parsed");
  return data_set;
}

DicomValues::DicomValues(DcmItem& data_set, std::string file) : data_set_(data_set), file_(std::move(file)) {
  character_set_ = Trimmed(RawText(DCM_SpecificCharacterSet, "SpecificCharacterSet"));
}

std::string DicomValues::RawText(const DcmTagKey& key, const char* field) const {
  DcmElement* element = nullptr;
  if (data_set_.findAndGetElement(key, element).bad() || element == nullptr) return "";
  if (element->getLengthField() > kLongestText) {
    throw InputError(
        "LIMIT_EXCEEDED", file_, field,
        std::to_string(element->getLengthField()) + " bytes of text, " + std::to_string(kLongestText) + " allowed");
  }
  return std::string(ValueOf(*element));
}

std::string DicomValues::Text(const DcmTagKey& key, const char* field) const {
  return Escaped(ToUtf8(Trimmed(RawText(key, field)), character_set_));
}

std::vector<std::string> DicomValues::Texts(const DcmTagKey& key, const char* field) const {
  const std::string text = Trimmed(RawText(key, field));
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (const std::string& part : Split(text)) parts.push_back(Escaped(ToUtf8(part, character_set_)));
  return parts;
}

std::vector<double> DicomValues::Numbers(const DcmTagKey& key, const char* field) const {
  const std::string text = Trimmed(RawText(key, field));
  std::vector<double> numbers;
  if (text.empty()) return numbers;
  for (const std::string& part : Split(text)) {
    const std::optional<double> number = ParseNumber(part);
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<double> DicomValues::Number(const DcmTagKey& key, const char* field) const {
  const std::vector<double> numbers = Numbers(key, field);
  if (!numbers.empty()) return numbers.front();
  Float64 value = 0;
  DcmElement* element = nullptr;
  const bool is_double = data_set_.findAndGetElement(key, element).good() && element != nullptr &&
                         element->ident() == EVR_FD && element->getFloat64(value).good() && std::isfinite(value);
  return is_double ? std::optional(value) : std::nullopt;
}

int DicomValues::Unsigned(const DcmTagKey& key) const {
  Uint16 value = 0;
  return data_set_.findAndGetUint16(key, value).good() ? value : 0;
}

std::vector<std::uint32_t> DicomValues::Longs(const DcmTagKey& key) const {
  constexpr unsigned long kMost = 64;
  const Uint32* values = nullptr;
  unsigned long count = 0;
  if (data_set_.findAndGetUint32Array(key, values, &count).bad() || values == nullptr) return {};
  return {values, values + std::min(count, kMost)};
}

bool DicomValues::Has(const DcmTagKey& key) const {
  return data_set_.tagExists(key);
}

std::string_view DicomValues::RawValue(const DcmTagKey& key) const {
  DcmElement* element = nullptr;
  if (data_set_.findAndGetElement(key, element).bad() || element == nullptr) return {};
  return ValueOf(*element);
}

std::vector<DcmItem*> DicomValues::Items(const DcmTagKey& key) const {
  std::vector<DcmItem*> items;
  DcmSequenceOfItems* sequence = nullptr;
  if (data_set_.findAndGetSequence(key, sequence).bad() || sequence == nullptr) return items;
  DcmObject* object = nullptr;
  while ((object = sequence->nextInContainer(object)) != nullptr) {
    if (auto* item = dynamic_cast<DcmItem*>(object)) items.push_back(item);
  }
  return items;
}

}  // namespace dinsd
