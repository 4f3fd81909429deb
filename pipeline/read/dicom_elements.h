#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dinsd {

/// How the elements of a data set are written.
struct DicomEncoding {
  bool is_explicit = true;
  bool is_big_endian = false;
};

/// The header of one element.
struct DicomElement {
  std::uint32_t tag = 0;
  std::string_view vr;  // empty in implicit data sets and of items and delimiters
  std::uint32_t length = 0;
  std::size_t begin = 0;  // of the element itself
};

/// A tag for people, such as (7FE0,0010).
[[nodiscard]] std::string DicomTagText(std::uint32_t tag);

/// Reads element headers of a DICOM file (PS3.5 7.1) one after the other; nothing outside the bytes is ever touched.
/// Errors are InputErrors that name the file: LENGTH_OVERRUN, NONSTANDARD_VR, LIMIT_EXCEEDED (too many elements).
class DicomElementReader {
 public:
  DicomElementReader(std::span<const std::byte> bytes, std::string file, std::uint64_t max_elements)
      : bytes_(bytes), file_(std::move(file)), max_elements_(max_elements) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - position_; }
  void Skip(std::size_t count) { position_ += count; }

  /// Tag, value representation and length at the position, which moves to the value. `end` bounds the header.
  DicomElement Next(const DicomEncoding& encoding, std::size_t end);

  /// Refuses an element whose value, at the position, leaves `end`.
  void CheckLength(const DicomElement& element, std::size_t end) const;

  /// The value of an element at the position as text without padding, at most 1024 bytes of it.
  [[nodiscard]] std::string Value(const DicomElement& element) const;

  // What stands `offset` bytes after the position; the caller has looked that it is there.
  [[nodiscard]] std::uint32_t Short(std::size_t offset, bool is_big_endian) const;
  [[nodiscard]] std::uint32_t Tag(std::size_t offset, bool is_big_endian) const;
  [[nodiscard]] std::string_view Text(std::size_t offset, std::size_t size) const;
  [[nodiscard]] bool IsVr(std::size_t offset) const;

  [[noreturn]] void Refuse(const char* code, const std::string& field, const std::string& why) const;

 private:
  [[nodiscard]] std::uint32_t Long(std::size_t offset, bool is_big_endian) const;
  void Need(std::size_t count, std::size_t end, const std::string& field) const;

  std::span<const std::byte> bytes_;
  std::string file_;
  std::uint64_t max_elements_;
  std::uint64_t elements_ = 0;
  std::size_t position_ = 0;
};

}  // namespace dinsd
