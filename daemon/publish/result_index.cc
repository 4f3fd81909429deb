#include "daemon/publish/result_index.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

#include "daemon/publish/durable_files.h"

namespace dinsd {
namespace {

constexpr const char* kHeader = "job,revision,study_date,study,path,result";

std::string LineOf(const IndexRow& row) {
  std::ostringstream line;
  line << row.job << ',' << row.revision << ',' << IndexCell(row.study_date) << ',' << IndexCell(row.study) << ','
       << IndexCell(row.path) << ',' << row.job << "/r" << row.revision;
  return line.str();
}

constexpr std::string_view kFormulaStarts = "=+-@";

// A record is one line, and a path with a line break must still lead to its folder.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte != 0x7F && c != '\\') {
      escaped += c;
      continue;
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    escaped += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return escaped;
}

std::string Unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + std::min(i + 2, text.size());
    const char* const end = text.data() + std::min(i + 4, text.size());
    if (text.compare(i, 2, "\\x") != 0 || std::from_chars(digits, end, byte, 16).ptr != digits + 2) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(byte);
    i += 3;
  }
  return plain;
}

// Takes back what IndexCell put before a cell that a spreadsheet would run.
std::string WithoutGuard(const std::string& cell) {
  const bool is_guarded =
      cell.size() > 1 && cell.front() == '\'' && kFormulaStarts.find(cell[1]) != std::string_view::npos;
  return is_guarded ? cell.substr(1) : cell;
}

}  // namespace

std::string IndexCell(std::string text) {
  text = Escaped(text);
  if (!text.empty() && kFormulaStarts.find(text.front()) != std::string_view::npos) text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"'") == std::string::npos) return text;
  std::string quoted(1, '"');
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  quoted.push_back('"');
  return quoted;
}

std::vector<std::string> IndexCells(const std::string& line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool is_quote = line[i] == '"';
    if (is_quote && is_quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (is_quote) {
      is_quoted = !is_quoted;
    } else if (line[i] == ',' && !is_quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

ResultIndex::ResultIndex(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_);
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::int64_t job = 0;
    std::int64_t revision = 0;
    char comma = 0;
    if (cells >> job >> comma >> revision) lines_[{job, revision}] = line;
  }
}

bool ResultIndex::Add(const IndexRow& row) {
  std::string line = LineOf(row);
  std::string& known = lines_[{row.job, row.revision}];
  if (known == line) return false;
  known = std::move(line);
  return true;
}

bool ResultIndex::KeepOnly(const std::function<bool(std::int64_t job, std::int64_t revision)>& is_there) {
  return std::erase_if(lines_, [&](const auto& line) { return !is_there(line.first.first, line.first.second); }) > 0;
}

std::vector<IndexRow> ResultIndex::Rows() const {
  std::vector<IndexRow> rows;
  for (const auto& [key, line] : lines_) {
    const std::vector<std::string> cells = IndexCells(line);
    if (cells.size() < 5) continue;
    rows.push_back(
        {key.first, key.second, cells[2], Unescaped(WithoutGuard(cells[3])), Unescaped(WithoutGuard(cells[4]))});
  }
  return rows;
}

void ResultIndex::Write() const {
  std::string content = std::string(kHeader) + "\n";
  for (const auto& [key, line] : lines_) content += line + "\n";
  RewriteFile(file_, content);
}

}  // namespace dinsd
