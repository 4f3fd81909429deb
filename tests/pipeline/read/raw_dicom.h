#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dinsd {

/// A DICOM file written byte by byte, so that a test can lie in it. Little endian unless told otherwise.
class RawDicom {
 public:
  enum class Encoding { kExplicit, kImplicit, kBigEndian };

  /// Starts a data set without file meta information.
  explicit RawDicom(Encoding encoding = Encoding::kExplicit) : encoding_(encoding) {}

  /// Starts with preamble and the file meta information of this transfer syntax.
  static RawDicom Part10(const std::string& transfer_syntax, Encoding encoding = Encoding::kExplicit) {
    RawDicom file;
    file.bytes_ = std::string(128, '\0') + "DICM";
    file.Add(0x00020010, "UI", transfer_syntax);
    file.encoding_ = encoding;
    return file;
  }

  /// The UIDs that every object needs.
  RawDicom& AddUids(const std::string& sop_class = "1.2.840.10008.5.1.4.1.1.4") {
    Add(0x00080016, "UI", sop_class).Add(0x00080018, "UI", "1.2.3.4.1");
    return Add(0x0020000D, "UI", "1.2.3").Add(0x0020000E, "UI", "1.2.3.4");
  }

  RawDicom& Add(std::uint32_t tag, const std::string& vr, const std::string& value) {
    const std::string even = value.size() % 2 == 0 ? value : value + '\0';
    return Header(tag, vr, static_cast<std::uint32_t>(even.size())).Bytes(even);
  }

  /// Tag, value representation and length, whatever follows.
  RawDicom& Header(std::uint32_t tag, const std::string& vr, std::uint32_t length) {
    Short(tag >> 16).Short(tag & 0xFFFF);
    if (encoding_ == Encoding::kImplicit || tag >> 16 == 0xFFFE) return Long(length);
    Bytes(vr);
    const bool is_long = vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN" || vr == "UT";
    return is_long ? Short(0).Long(length) : Short(length);
  }

  RawDicom& Item(std::uint32_t length = 0xFFFFFFFF) { return Header(0xFFFEE000, "", length); }
  RawDicom& EndItem() { return Header(0xFFFEE00D, "", 0); }
  RawDicom& EndSequence() { return Header(0xFFFEE0DD, "", 0); }

  RawDicom& Bytes(const std::string& bytes) {
    bytes_ += bytes;
    return *this;
  }

  [[nodiscard]] const std::string& text() const { return bytes_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

 private:
  RawDicom& Short(std::uint32_t value) {
    const char low = static_cast<char>(value & 0xFF), high = static_cast<char>(value >> 8 & 0xFF);
    bytes_ += encoding_ == Encoding::kBigEndian ? high : low;
    bytes_ += encoding_ == Encoding::kBigEndian ? low : high;
    return *this;
  }

  RawDicom& Long(std::uint32_t value) {
    const bool is_big = encoding_ == Encoding::kBigEndian;
    return Short(is_big ? value >> 16 : value & 0xFFFF).Short(is_big ? value & 0xFFFF : value >> 16);
  }

  std::string bytes_;
  Encoding encoding_;
};

}  // namespace dinsd
