#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dinsd {

/// The text lines at the front of an image file (NRRD, MetaImage), one after the other. A line ends with \n or \r\n.
class HeaderLines {
 public:
  explicit HeaderLines(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// The next line without its end; nothing where the bytes (or the first 64 kB) end before the line does.
  [[nodiscard]] std::optional<std::string_view> Next();

  /// What follows the lines that were taken.
  [[nodiscard]] std::span<const std::byte> Rest() const { return bytes_.subspan(taken_); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t taken_ = 0;
};

/// `text` without blanks at its ends, and in lower case.
[[nodiscard]] std::string_view Trimmed(std::string_view text);
[[nodiscard]] std::string LowerCase(std::string_view text);

/// The words of a text, parted by blanks.
[[nodiscard]] std::vector<std::string_view> Words(std::string_view text);

/// A whole text as a finite number, or as an integer in 1 .. 2^31-1; nothing where it is none. No locale is used.
[[nodiscard]] std::optional<double> FiniteNumber(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> PositiveInteger(std::string_view text);

/// Exactly `kCount` numbers parted by blanks.
template <std::size_t kCount>
[[nodiscard]] std::optional<std::array<double, kCount>> Numbers(std::string_view text) {
  const auto words = Words(text);
  std::array<double, kCount> numbers{};
  if (words.size() != kCount) return std::nullopt;
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto number = FiniteNumber(words[i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  return numbers;
}

/// Three sizes of at least 1.
[[nodiscard]] std::optional<std::array<std::int64_t, 3>> Sizes(std::string_view text);

}  // namespace dinsd
