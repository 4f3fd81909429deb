#include "pipeline/read/header_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace dinsd {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

std::optional<std::string_view> HeaderLines::Next() {
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), std::min(bytes_.size(), kMaxHeaderBytes));
  const std::size_t end = text.find('\n', taken_);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(taken_, end - taken_);
  taken_ = end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = Trimmed(text); !text.empty(); text = Trimmed(text)) {
    const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), IsBlank) - text.begin());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::optional<double> FiniteNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
  return is_good ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> PositiveInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc() && end == text.data() + text.size() && value >= 1 &&
                       value <= std::numeric_limits<std::int32_t>::max();
  return is_good ? std::optional(value) : std::nullopt;
}

std::optional<std::array<std::int64_t, 3>> Sizes(std::string_view text) {
  const auto words = Words(text);
  std::array<std::int64_t, 3> sizes{};
  if (words.size() != sizes.size()) return std::nullopt;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const auto size = PositiveInteger(words[axis]);
    if (!size) return std::nullopt;
    sizes[axis] = *size;
  }
  return sizes;
}

}  // namespace dinsd
