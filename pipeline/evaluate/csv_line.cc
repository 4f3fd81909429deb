#include "pipeline/evaluate/csv_line.h"

#include <charconv>

#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

bool IsNumber(const std::string& cell) {
  double ignored = 0;
  const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), ignored);
  return read.ec == std::errc() && read.ptr == cell.data() + cell.size();
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    line += IsNumber(cell) ? cell : CsvCell(cell);
  }
  return line.append("\r\n");
}

std::string NumberCell(const std::optional<double>& value) {
  return value ? ExactDigits(*value) : std::string();
}

}  // namespace dinsd
