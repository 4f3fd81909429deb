#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dinsd {

/// The cells of one line, each made safe by CsvCell, with its end (RFC 4180).
[[nodiscard]] std::string CsvLine(const std::vector<std::string>& cells);

/// Shortest digits that read back as the same number; empty where there is none. A negative number stays a number: it
/// is no text that CsvCell must disarm.
[[nodiscard]] std::string NumberCell(const std::optional<double>& value);

}  // namespace dinsd
