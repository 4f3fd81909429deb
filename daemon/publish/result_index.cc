#include "daemon/publish/result_index.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

#include "daemon/publish/durable_files.h"

namespace dinsd {
namespace {

constexpr std::size_t kColumns = 7;
constexpr const char* kHeader = "job,revision,study_date,study,path,result,same_images";

std::string LineOf(const IndexRow& row) {
  std::ostringstream line;
  line << row.job << ',' << row.revision << ',' << IndexCell(row.study_date) << ',' << IndexCell(row.study) << ','
       << IndexCell(row.path) << ',' << row.job << "/r" << row.revision << ',' << IndexCell(row.same_images);
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
    std::istringstream numbers(line);
    IndexRow row;
    char comma = 0;
    if (!(numbers >> row.job >> comma >> row.revision)) continue;
    std::vector<std::string> cells = IndexCells(line);
    cells.resize(std::max(cells.size(), kColumns));
    row.study_date = cells[2];
    row.study = Unescaped(WithoutGuard(cells[3]));
    row.path = Unescaped(WithoutGuard(cells[4]));
    row.same_images = cells[6];
    rows_[{row.job, row.revision}] = row;
  }
}

bool ResultIndex::Add(const IndexRow& row) {
  IndexRow& known = rows_[{row.job, row.revision}];
  if (known == row) return false;
  known = row;
  return true;
}

std::optional<IndexRow> ResultIndex::Find(std::int64_t job, std::int64_t revision) const {
  const auto found = rows_.find({job, revision});
  return found == rows_.end() ? std::nullopt : std::optional(found->second);
}

bool ResultIndex::KeepOnly(const std::function<bool(std::int64_t job, std::int64_t revision)>& is_there) {
  return std::erase_if(rows_, [&](const auto& row) { return !is_there(row.first.first, row.first.second); }) > 0;
}

std::vector<IndexRow> ResultIndex::Rows() const {
  std::vector<IndexRow> rows;
  for (const auto& [key, row] : rows_) {
    if (!row.path.empty()) rows.push_back(row);
  }
  return rows;
}

void ResultIndex::Write() const {
  std::string content = std::string(kHeader) + "\n";
  for (const auto& [key, row] : rows_) content += LineOf(row) + "\n";
  RewriteFile(file_, content);
}

}  // namespace dinsd
