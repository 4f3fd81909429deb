#pragma once

#include <dcmtk/dcmdata/dcdatset.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/read/dicom_prescan.h"

namespace dinsd {

enum class DicomPart { kHeader, kWhole };  // kHeader ends before PixelData

/// Parses the data set of a file that passed the pre-scan with DCMTK, from the place and in the transfer syntax that
/// the pre-scan found, so that both see the same elements. The file meta information never reaches DCMTK. Its codecs
/// are registered and its logging is silenced at the first call. Throws InputError NOT_DICOM. Thread-safe.
[[nodiscard]] std::unique_ptr<DcmDataset> LoadDataSet(std::span<const std::byte> bytes, const DicomLayout& layout,
                                                      DicomPart part, const std::string& file);

/// Reads plain values out of one data set, or an item of one of its sequences. Text comes as UTF-8 without padding;
/// bytes that are no text are written as \xNN, so that different values stay different.
class DicomValues {
 public:
  DicomValues(DcmItem& data_set, std::string file);

  /// The same for an item within, whose text is in the character set of the data set.
  [[nodiscard]] DicomValues Of(DcmItem& item) const { return {item, file_, character_set_}; }

  /// The whole value, several parted by a backslash; empty where missing or no text. Throws InputError LIMIT_EXCEEDED
  /// for more than 1024 bytes.
  [[nodiscard]] std::string Text(const DcmTagKey& key, const char* field) const;

  /// The values of a text element.
  [[nodiscard]] std::vector<std::string> Texts(const DcmTagKey& key, const char* field) const;

  /// The numbers of a decimal or integer string; empty unless all are finite numbers.
  [[nodiscard]] std::vector<double> Numbers(const DcmTagKey& key, const char* field) const;

  /// The first number of a decimal or integer string, or a binary double.
  [[nodiscard]] std::optional<double> Number(const DcmTagKey& key, const char* field) const;

  /// An unsigned 16-bit value, 0 where missing.
  [[nodiscard]] int Unsigned(const DcmTagKey& key) const;

  /// The unsigned 32-bit values of an element, at most 64 of them; empty where missing.
  [[nodiscard]] std::vector<std::uint32_t> Longs(const DcmTagKey& key) const;

  [[nodiscard]] bool Has(const DcmTagKey& key) const;

  /// The bytes of a text element of any length, with padding; empty where missing or no text. Valid as long as the data
  /// set is.
  [[nodiscard]] std::string_view RawValue(const DcmTagKey& key) const;

  /// The items of a sequence in their order; none where it is missing.
  [[nodiscard]] std::vector<DcmItem*> Items(const DcmTagKey& key) const;

 private:
  DicomValues(DcmItem& data_set, std::string file, std::string character_set)
      : data_set_(data_set), file_(std::move(file)), character_set_(std::move(character_set)) {}
  [[nodiscard]] std::string RawText(const DcmTagKey& key, const char* field) const;

  DcmItem& data_set_;
  std::string file_;
  std::string character_set_;
};

/// The numbers as an array; nothing where there are not N of them.
template <std::size_t N>
[[nodiscard]] std::optional<std::array<double, N>> Exactly(const std::vector<double>& numbers) {
  if (numbers.size() != N) return std::nullopt;
  std::array<double, N> array{};
  std::copy(numbers.begin(), numbers.end(), array.begin());
  return array;
}

}  // namespace dinsd
