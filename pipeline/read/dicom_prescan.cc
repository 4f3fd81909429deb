#include "pipeline/read/dicom_prescan.h"

#include <dcmtk/dcmdata/dctag.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "pipeline/read/dicom_elements.h"

namespace dinsd {
namespace {

constexpr std::uint32_t kUndefined = 0xFFFFFFFF;
constexpr std::size_t kPreamble = 128;
constexpr std::uint32_t kItem = 0xFFFEE000, kItemEnd = 0xFFFEE00D, kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kPixelData = 0x7FE00010;
constexpr std::string_view kImplicit = "1.2.840.10008.1.2", kExplicit = "1.2.840.10008.1.2.1",
                           kBigEndian = "1.2.840.10008.1.2.2", kDirectoryClass = "1.2.840.10008.1.3.10";
constexpr std::array<std::string_view, 2> kDeflated = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"};

template <typename List>
bool IsIn(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// What is open at one place of the file. `end` bounds it; with an undefined length a delimiter closes it before that.
struct Level {
  enum class Kind { kDataSet, kItem, kSequence, kFragments } kind;
  std::size_t end;
  bool is_undefined;
  DicomEncoding encoding;
};

class Scanner {
 public:
  Scanner(std::span<const std::byte> bytes, const std::string& file, const DicomPrescanLimits& limits,
          DicomLayout& layout)
      : reader_(bytes, file, limits.max_elements), limits_(limits), layout_(layout) {}

  void Scan() {
    layout_.pixel_element_offset = reader_.size();
    FindDataSet();
    if (reader_.size() > limits_.max_file_bytes) {
      Refuse("LIMIT_EXCEEDED", "",
             std::to_string(reader_.size()) + " bytes, " + std::to_string(limits_.max_file_bytes) + " allowed");
    }
    if (IsIn(kDeflated, layout_.transfer_syntax))
      Refuse("UNDECODABLE", "TransferSyntaxUID", "a deflated data set is not accepted");
    const DicomEncoding encoding{layout_.is_explicit, layout_.is_big_endian};
    levels_.push_back({Level::Kind::kDataSet, reader_.size(), false, encoding});
    while (!levels_.empty()) Step();
    if (!layout_.is_directory) CheckUids();
  }

 private:
  [[noreturn]] void Refuse(const char* code, const std::string& field, const std::string& why) const {
    reader_.Refuse(code, field, why);
  }

  void FindDataSet() {
    const bool has_preamble = reader_.size() >= kPreamble + 4 && reader_.Text(kPreamble, 4) == "DICM";
    if (has_preamble) reader_.Skip(kPreamble + 4);
    if (!has_preamble && reader_.size() < 8) Refuse("NOT_DICOM", "", std::to_string(reader_.size()) + " bytes");
    const bool has_meta = reader_.left() >= 8 && reader_.Short(0, false) == 2 && reader_.IsVr(4);
    if (has_preamble && !has_meta) Refuse("NOT_DICOM", "", "no file meta information after DICM");
    std::string storage_class;
    if (has_meta) storage_class = ReadFileMeta();
    layout_.data_set_offset = reader_.position();
    layout_.is_directory = storage_class == kDirectoryClass;
    if (layout_.transfer_syntax.empty()) GuessTransferSyntax();
    layout_.is_explicit = layout_.transfer_syntax != kImplicit;
    layout_.is_big_endian = layout_.transfer_syntax == kBigEndian;
  }

  // The elements of group 2, always explicit and little endian. Their group length is not needed and not believed.
  std::string ReadFileMeta() {
    std::string storage_class;
    while (reader_.left() >= 2 && reader_.Short(0, false) == 2) {
      const DicomElement element = reader_.Next({}, reader_.size());
      reader_.CheckLength(element, reader_.size());
      if (element.vr == "SQ")
        Refuse("NONSTANDARD_VR", DicomTagText(element.tag), "a sequence in the file meta information");
      if (element.tag == 0x00020002) storage_class = reader_.Value(element);
      if (element.tag == 0x00020010) layout_.transfer_syntax = reader_.Value(element);
      reader_.Skip(element.length);
    }
    return storage_class;
  }

  // A data set without file meta is taken for what its first element, of group 8, looks like.
  void GuessTransferSyntax() {
    if (reader_.left() < 8) Refuse("NOT_DICOM", "", "no data set");
    const bool is_little = reader_.Tag(0, false) >> 8 == 0x000800;
    const bool is_big = reader_.Tag(0, true) >> 8 == 0x000800;
    if (is_little) {
      layout_.transfer_syntax = reader_.IsVr(4) ? kExplicit : kImplicit;
    } else if (is_big && reader_.IsVr(4)) {
      layout_.transfer_syntax = kBigEndian;
    } else {
      Refuse("NOT_DICOM", "", "neither DICM at byte 128 nor a data set that begins with group 8");
    }
  }

  void Step() {
    const Level level = levels_.back();
    if (reader_.position() == level.end) {
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
    const std::size_t begin = reader_.position();
    const DicomElement element = reader_.Next(level.encoding, level.end);
    if (element.tag == kSequenceEnd && level.is_undefined) {
      Close(element);
    } else if (element.tag != kItem) {
      Refuse("LENGTH_OVERRUN", DicomTagText(element.tag),
             "byte " + std::to_string(begin) + ": an item was expected here");
    } else if (element.length == kUndefined && !is_fragments) {
      levels_.push_back({Level::Kind::kItem, level.end, true, level.encoding});
    } else {
      reader_.CheckLength(element, level.end);
      if (is_fragments) {
        reader_.Skip(element.length);
      } else {
        levels_.push_back({Level::Kind::kItem, reader_.position() + element.length, false, level.encoding});
      }
    }
  }

  void Close(const DicomElement& delimiter) {
    if (delimiter.length != 0) Refuse("LENGTH_OVERRUN", DicomTagText(delimiter.tag), "a delimiter with a length");
    levels_.pop_back();
    if (levels_.size() == 1 && is_in_pixels_) {
      layout_.pixel_bytes = reader_.position() - layout_.pixel_offset;
      is_in_pixels_ = false;
    }
  }

  void StepElement(const Level& level) {
    const DicomElement element = reader_.Next(level.encoding, level.end);
    if (element.tag == kItemEnd && level.kind == Level::Kind::kItem && level.is_undefined) {
      Close(element);
    } else if (element.tag >> 16 == 0xFFFE) {
      Refuse("LENGTH_OVERRUN", DicomTagText(element.tag),
             "byte " + std::to_string(element.begin) + ": a delimiter or item outside a sequence");
    } else if (element.length == kUndefined) {
      OpenUndefined(element, level);
    } else {
      reader_.CheckLength(element, level.end);
      if (IsSequence(element)) {
        OpenSequence({Level::Kind::kSequence, reader_.position() + element.length, false, level.encoding});
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

  void OpenUndefined(const DicomElement& element, const Level& level) {
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
      Refuse("LENGTH_OVERRUN", DicomTagText(element.tag),
             "undefined length, which its value representation does not allow");
    }
  }

  // In implicit data sets the dictionary knows; of private elements, their content.
  [[nodiscard]] bool IsSequence(const DicomElement& element) const {
    if (!element.vr.empty()) return element.vr == "SQ";
    const auto group = static_cast<Uint16>(element.tag >> 16);
    if (group % 2 == 1) return element.length >= 8 && reader_.Tag(0, false) == kItem;
    return DcmTag(group, static_cast<Uint16>(element.tag)).getEVR() == EVR_SQ;
  }

  void TakeValue(const DicomElement& element) {
    if (levels_.size() == 1) NoteRootElement(element);
    if (element.tag != kPixelData) header_bytes_ += element.length;
    if (header_bytes_ > limits_.max_header_bytes) {
      Refuse("LIMIT_EXCEEDED", DicomTagText(element.tag),
             "more than " + std::to_string(limits_.max_header_bytes) + " bytes beside the pixels");
    }
    reader_.Skip(element.length);
  }

  void NotePixels(const DicomElement& element, bool is_encapsulated) {
    if (levels_.size() != 1) return;  // of an icon
    if (layout_.has_pixels) Refuse("LENGTH_OVERRUN", "PixelData", "occurs twice");
    layout_.has_pixels = true;
    layout_.is_encapsulated = is_encapsulated;
    layout_.pixel_element_offset = element.begin;
    layout_.pixel_offset = reader_.position();
    layout_.pixel_bytes = is_encapsulated ? 0 : element.length;
    is_in_pixels_ = is_encapsulated;
  }

  void NoteRootElement(const DicomElement& element) {
    if (element.tag == kPixelData) NotePixels(element, false);
    std::string* identifier = IdentifierOf(element.tag);
    if (identifier == nullptr) return;
    const std::string value = reader_.Value(element);
    if (!identifier->empty() && *identifier != value)
      Refuse("BAD_UID", DicomTagText(element.tag), "occurs twice with different values");
    *identifier = value;
  }

  std::string* IdentifierOf(std::uint32_t tag) {
    switch (tag) {
      case 0x00080016:
        return &layout_.sop_class_uid;
      case 0x00080018:
        return &layout_.sop_instance_uid;
      case 0x00100020:
        return &layout_.patient_id;
      case 0x00100021:
        return &layout_.issuer_of_patient_id;
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

  DicomElementReader reader_;
  const DicomPrescanLimits& limits_;
  DicomLayout& layout_;
  std::vector<Level> levels_;
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
