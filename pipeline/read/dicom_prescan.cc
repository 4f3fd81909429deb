#include "pipeline/read/dicom_prescan.h"

#include <dcmtk/dcmdata/dctag.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace dinsd {
namespace {

constexpr std::uint32_t kUndefined = 0xFFFFFFFF;
constexpr std::size_t kPreamble = 128;
constexpr std::uint32_t kItem = 0xFFFEE000, kItemEnd = 0xFFFEE00D, kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kPixelData = 0x7FE00010;
constexpr std::string_view kImplicit = "1.2.840.10008.1.2", kExplicit = "1.2.840.10008.1.2.1",
                           kBigEndian = "1.2.840.10008.1.2.2", kDirectoryClass = "1.2.840.10008.1.3.10";
constexpr std::array<std::string_view, 2> kDeflated = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"};

constexpr std::array<std::string_view, 21> kShortVrs = {"AE", "AS", "AT", "CS", "DA", "DS", "DT",
                                                        "FD", "FL", "IS", "LO", "LT", "PN", "SH",
                                                        "SL", "SS", "ST", "TM", "UI", "UL", "US"};
constexpr std::array<std::string_view, 13> kLongVrs = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                       "SV", "UC", "UN", "UR", "UT", "UV"};

template <typename List>
bool IsIn(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string TagText(std::uint32_t tag) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "(";
  for (int digit = 7; digit >= 0; --digit) {
    text += kDigits[tag >> (4 * digit) & 0xF];
    if (digit == 4) text += ',';
  }
  return text + ")";
}

// How the elements at hand are written.
struct Encoding {
  bool is_explicit = true;
  bool is_big_endian = false;
};

// What is open at one place of the file. `end` bounds it; with an undefined length a delimiter closes it before that.
struct Level {
  enum class Kind { kDataSet, kItem, kSequence, kFragments } kind;
  std::size_t end;
  bool is_undefined;
  Encoding encoding;
};

struct Element {
  std::uint32_t tag = 0;
  std::string_view vr;  // empty in implicit data sets
  std::uint32_t length = 0;
  std::size_t begin = 0;  // of the element itself
};

class Scanner {
 public:
  Scanner(std::span<const std::byte> bytes, const std::string& file, const DicomPrescanLimits& limits,
          DicomLayout& layout)
      : bytes_(bytes), file_(file), limits_(limits), layout_(layout) {}

  void Scan() {
    layout_.pixel_element_offset = bytes_.size();
    FindDataSet();
    if (bytes_.size() > limits_.max_file_bytes) {
      Refuse("LIMIT_EXCEEDED", "",
             std::to_string(bytes_.size()) + " bytes, " + std::to_string(limits_.max_file_bytes) + " allowed");
    }
    if (IsIn(kDeflated, layout_.transfer_syntax))
      Refuse("UNDECODABLE", "TransferSyntaxUID", "a deflated data set is not accepted");
    const Encoding encoding{layout_.is_explicit, layout_.is_big_endian};
    levels_.push_back({Level::Kind::kDataSet, bytes_.size(), false, encoding});
    while (!levels_.empty()) Step();
    if (!layout_.is_directory) CheckUids();
  }

 private:
  [[noreturn]] void Refuse(const char* code, const std::string& field, const std::string& why) const {
    throw InputError(code, file_, field, why);
  }

  [[nodiscard]] std::uint32_t Byte(std::size_t at) const { return std::to_integer<std::uint32_t>(bytes_[at]); }

  [[nodiscard]] std::uint32_t Short(std::size_t at, bool big_endian) const {
    return big_endian ? Byte(at) << 8 | Byte(at + 1) : Byte(at + 1) << 8 | Byte(at);
  }

  [[nodiscard]] std::uint32_t Long(std::size_t at, bool big_endian) const {
    const std::uint32_t first = Short(at, big_endian), second = Short(at + 2, big_endian);
    return big_endian ? first << 16 | second : second << 16 | first;
  }

  [[nodiscard]] std::uint32_t Tag(std::size_t at, bool big_endian) const {
    return Short(at, big_endian) << 16 | Short(at + 2, big_endian);
  }

  [[nodiscard]] std::string_view Text(std::size_t at, std::size_t size) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, size};
  }

  [[nodiscard]] std::string Value(const Element& element) const {
    std::string_view text = Text(pos_, element.length);
    while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
    return std::string(text.substr(0, 1024));
  }

  // Takes `count` bytes before `end` for a header, or refuses.
  void Need(std::size_t count, std::size_t end, const std::string& what) const {
    if (end - pos_ < count) {
      Refuse("LENGTH_OVERRUN", what,
             "byte " + std::to_string(pos_) + ": " + std::to_string(end - pos_) + " bytes are left for a header of " +
                 std::to_string(count));
    }
  }

  void CountElement() {
    if (++elements_ > limits_.max_elements) {
      Refuse("LIMIT_EXCEEDED", "", "more than " + std::to_string(limits_.max_elements) + " elements");
    }
  }

  void CheckLength(const Element& element, std::size_t end) const {
    if (element.length > end - pos_) {
      Refuse("LENGTH_OVERRUN", TagText(element.tag),
             std::to_string(element.length) + " bytes are promised, " + std::to_string(end - pos_) + " are left");
    }
  }

  // Reads tag, VR and length; leaves pos_ at the value.
  Element ReadElement(const Encoding& encoding, std::size_t end) {
    CountElement();
    Element element;
    element.begin = pos_;
    Need(8, end, "");
    element.tag = Tag(pos_, encoding.is_big_endian);
    if (!encoding.is_explicit || element.tag >> 16 == 0xFFFE) {
      element.length = Long(pos_ + 4, encoding.is_big_endian);
      pos_ += 8;
      return element;
    }
    element.vr = Text(pos_ + 4, 2);
    if (IsIn(kShortVrs, element.vr)) {
      element.length = Short(pos_ + 6, encoding.is_big_endian);
      pos_ += 8;
    } else if (IsIn(kLongVrs, element.vr)) {
      Need(12, end, TagText(element.tag));
      element.length = Long(pos_ + 8, encoding.is_big_endian);
      pos_ += 12;
    } else {
      Refuse("NONSTANDARD_VR", TagText(element.tag),
             "byte " + std::to_string(pos_) + ": its value representation is none of DICOM's");
    }
    return element;
  }

  void FindDataSet() {
    const bool has_preamble = bytes_.size() >= kPreamble + 4 && Text(kPreamble, 4) == "DICM";
    pos_ = has_preamble ? kPreamble + 4 : 0;
    if (!has_preamble && bytes_.size() < 8) Refuse("NOT_DICOM", "", std::to_string(bytes_.size()) + " bytes");
    const bool has_meta = bytes_.size() - pos_ >= 8 && Short(pos_, false) == 2 && IsVr(pos_ + 4);
    if (has_preamble && !has_meta) Refuse("NOT_DICOM", "", "no file meta information after DICM");
    std::string storage_class;
    if (has_meta) storage_class = ReadFileMeta();
    layout_.data_set_offset = pos_;
    layout_.is_directory = storage_class == kDirectoryClass;
    if (layout_.transfer_syntax.empty()) GuessTransferSyntax();
    layout_.is_explicit = layout_.transfer_syntax != kImplicit;
    layout_.is_big_endian = layout_.transfer_syntax == kBigEndian;
  }

  [[nodiscard]] bool IsVr(std::size_t at) const { return IsIn(kShortVrs, Text(at, 2)) || IsIn(kLongVrs, Text(at, 2)); }

  // The elements of group 2, always explicit and little endian. Their group length is not needed and not believed.
  std::string ReadFileMeta() {
    std::string storage_class;
    while (bytes_.size() - pos_ >= 2 && Short(pos_, false) == 2) {
      const Element element = ReadElement({}, bytes_.size());
      CheckLength(element, bytes_.size());
      if (element.vr == "SQ") Refuse("NONSTANDARD_VR", TagText(element.tag), "a sequence in the file meta information");
      if (element.tag == 0x00020002) storage_class = Value(element);
      if (element.tag == 0x00020010) layout_.transfer_syntax = Value(element);
      pos_ += element.length;
    }
    return storage_class;
  }

  // A data set without file meta is taken for what its first element, of group 8, looks like.
  void GuessTransferSyntax() {
    if (bytes_.size() - pos_ < 8) Refuse("NOT_DICOM", "", "no data set");
    const bool is_little = Tag(pos_, false) >> 8 == 0x000800;
    const bool is_big = Tag(pos_, true) >> 8 == 0x000800;
    if (is_little) {
      layout_.transfer_syntax = IsVr(pos_ + 4) ? kExplicit : kImplicit;
    } else if (is_big && IsVr(pos_ + 4)) {
      layout_.transfer_syntax = kBigEndian;
    } else {
      Refuse("NOT_DICOM", "", "neither DICM at byte 128 nor a data set that begins with group 8");
    }
  }

  void Step() {
    const Level level = levels_.back();
    if (pos_ == level.end) {
      if (level.is_undefined) Refuse("LENGTH_OVERRUN", "", "a sequence or item ends without its delimiter");
      levels_.pop_back();
    } else if (level.kind == Level::Kind::kSequence || level.kind == Level::Kind::kFragments) {
      StepItem(level);
    } else {
      StepElement(level);
    }
  }

  void StepItem(const Level& level) {
    const bool is_fragments = level.kind == Level::Kind::kFragments;
    const std::size_t begin = pos_;
    const Element element = ReadElement(level.encoding, level.end);
    if (element.tag == kSequenceEnd && level.is_undefined) {
      Close(element);
    } else if (element.tag != kItem) {
      Refuse("LENGTH_OVERRUN", TagText(element.tag), "byte " + std::to_string(begin) + ": an item was expected here");
    } else if (element.length == kUndefined && !is_fragments) {
      levels_.push_back({Level::Kind::kItem, level.end, true, level.encoding});
    } else {
      CheckLength(element, level.end);
      if (is_fragments) {
        pos_ += element.length;
      } else {
        levels_.push_back({Level::Kind::kItem, pos_ + element.length, false, level.encoding});
      }
    }
  }

  void Close(const Element& delimiter) {
    if (delimiter.length != 0) Refuse("LENGTH_OVERRUN", TagText(delimiter.tag), "a delimiter with a length");
    levels_.pop_back();
    if (levels_.size() == 1 && is_in_pixels_) {
      layout_.pixel_bytes = pos_ - layout_.pixel_offset;
      is_in_pixels_ = false;
    }
  }

  void StepElement(const Level& level) {
    const Element element = ReadElement(level.encoding, level.end);
    if (element.tag == kItemEnd && level.kind == Level::Kind::kItem && level.is_undefined) {
      Close(element);
    } else if (element.tag >> 16 == 0xFFFE) {
      Refuse("LENGTH_OVERRUN", TagText(element.tag),
             "byte " + std::to_string(element.begin) + ": a delimiter or item outside a sequence");
    } else if (element.length == kUndefined) {
      OpenUndefined(element, level);
    } else {
      CheckLength(element, level.end);
      if (IsSequence(element)) {
        OpenSequence({Level::Kind::kSequence, pos_ + element.length, false, level.encoding});
      } else {
        TakeValue(element);
      }
    }
  }

  void OpenSequence(const Level& level) {
    levels_.push_back(level);
    if (levels_.size() / 2 > limits_.max_nesting) {
      Refuse("NESTING_TOO_DEEP", "",
             "more than " + std::to_string(limits_.max_nesting) + " sequences within each other");
    }
  }

  void OpenUndefined(const Element& element, const Level& level) {
    const bool is_pixels =
        element.tag == kPixelData && (element.vr.empty() || element.vr == "OB" || element.vr == "OW");
    if (is_pixels) {
      const bool is_native = IsIn(std::array{kImplicit, kExplicit, kBigEndian}, layout_.transfer_syntax);
      if (is_native) Refuse("LENGTH_OVERRUN", "PixelData", "undefined length in an uncompressed transfer syntax");
      NotePixels(element, true);
      OpenSequence({Level::Kind::kFragments, level.end, true, level.encoding});
    } else if (element.vr.empty() || element.vr == "SQ") {
      OpenSequence({Level::Kind::kSequence, level.end, true, level.encoding});
    } else if (element.vr == "UN") {  // PS3.5 6.2.2 note 4: an implicit, little endian sequence
      OpenSequence({Level::Kind::kSequence, level.end, true, {false, false}});
    } else {
      Refuse("LENGTH_OVERRUN", TagText(element.tag), "undefined length, which its value representation does not allow");
    }
  }

  // In implicit data sets the dictionary knows; of private elements, their content.
  [[nodiscard]] bool IsSequence(const Element& element) const {
    if (!element.vr.empty()) return element.vr == "SQ";
    const auto group = static_cast<Uint16>(element.tag >> 16);
    if (group % 2 == 1) return element.length >= 8 && Tag(pos_, false) == kItem;
    return DcmTag(group, static_cast<Uint16>(element.tag)).getEVR() == EVR_SQ;
  }

  void TakeValue(const Element& element) {
    if (levels_.size() == 1) NoteRootElement(element);
    if (element.tag != kPixelData) header_bytes_ += element.length;
    if (header_bytes_ > limits_.max_header_bytes) {
      Refuse("LIMIT_EXCEEDED", TagText(element.tag),
             "more than " + std::to_string(limits_.max_header_bytes) + " bytes beside the pixels");
    }
    pos_ += element.length;
  }

  void NotePixels(const Element& element, bool is_encapsulated) {
    if (levels_.size() != 1) return;  // of an icon
    if (layout_.has_pixels) Refuse("LENGTH_OVERRUN", "PixelData", "occurs twice");
    layout_.has_pixels = true;
    layout_.is_encapsulated = is_encapsulated;
    layout_.pixel_element_offset = element.begin;
    layout_.pixel_offset = pos_;
    layout_.pixel_bytes = is_encapsulated ? 0 : element.length;
    is_in_pixels_ = is_encapsulated;
  }

  void NoteRootElement(const Element& element) {
    if (element.tag == kPixelData) NotePixels(element, false);
    std::string* uid = UidOf(element.tag);
    if (uid == nullptr) return;
    const std::string value = Value(element);
    if (!uid->empty() && *uid != value) Refuse("BAD_UID", TagText(element.tag), "occurs twice with different values");
    *uid = value;
  }

  std::string* UidOf(std::uint32_t tag) {
    switch (tag) {
      case 0x00080016:
        return &layout_.sop_class_uid;
      case 0x00080018:
        return &layout_.sop_instance_uid;
      case 0x0020000D:
        return &layout_.study_uid;
      case 0x0020000E:
        return &layout_.series_uid;
      case 0x00200052:
        return &layout_.frame_of_reference_uid;
      default:
        return nullptr;
    }
  }

  void CheckUids() const {
    CheckUid("SOPClassUID", layout_.sop_class_uid);
    CheckUid("SOPInstanceUID", layout_.sop_instance_uid);
    CheckUid("StudyInstanceUID", layout_.study_uid);
    CheckUid("SeriesInstanceUID", layout_.series_uid);
    if (!layout_.frame_of_reference_uid.empty()) CheckUid("FrameOfReferenceUID", layout_.frame_of_reference_uid);
  }

  void CheckUid(const char* name, const std::string& uid) const {
    constexpr std::size_t kLongest = 64;
    if (uid.empty()) Refuse("BAD_UID", name, "is empty or missing");
    if (uid.size() > kLongest) Refuse("BAD_UID", name, "is longer than 64 characters");
    if (uid.find_first_not_of("0123456789.") != std::string::npos) {
      Refuse("BAD_UID", name, "holds something else than digits and dots");
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& file_;
  const DicomPrescanLimits& limits_;
  DicomLayout& layout_;
  std::vector<Level> levels_;
  std::size_t pos_ = 0;
  std::uint64_t elements_ = 0;
  std::uint64_t header_bytes_ = 0;
  bool is_in_pixels_ = false;
};

}  // namespace

DicomLayout PrescanDicom(std::span<const std::byte> bytes, const std::string& file, const DicomPrescanLimits& limits) {
  DicomLayout layout;
  try {
    Scanner(bytes, file, limits, layout).Scan();
  } catch (const InputError& error) {
    layout.error = error;
  }
  return layout;
}

}  // namespace dinsd
