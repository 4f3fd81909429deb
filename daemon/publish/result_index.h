#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dinsd {

/// One line of results/index.csv.
struct IndexRow {
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string study_date;
  std::string study;        // name of its folder or file
  std::string path;         // where it lies
  std::string same_images;  // the numbers of other jobs that have results of the same images, with a blank between

  friend bool operator==(const IndexRow&, const IndexRow&) = default;
};

/// results/index.csv, which leads from a study's path, name and date to its result folder. RFC 4180, one line a record
/// (control characters and backslashes as \xHH), cells that a spreadsheet would run begin with '. A cell that a line
/// lacks, as those of an older version do, is empty. Not thread-safe.
class ResultIndex {
 public:
  /// Takes over the rows that are in the file already.
  explicit ResultIndex(std::filesystem::path file);

  /// Adds or replaces the row of (job, revision) in memory; false if it was there already just so.
  bool Add(const IndexRow& row);

  [[nodiscard]] std::optional<IndexRow> Find(std::int64_t job, std::int64_t revision) const;

  /// Drops every row whose result is not there; false if all are.
  bool KeepOnly(const std::function<bool(std::int64_t job, std::int64_t revision)>& is_there);

  /// Every row that tells a path, by job and revision.
  [[nodiscard]] std::vector<IndexRow> Rows() const;

  /// Replaces the file at once. Throws std::system_error.
  void Write() const;

 private:
  std::filesystem::path file_;
  std::map<std::pair<std::int64_t, std::int64_t>, IndexRow> rows_;  // by job and revision
};

/// A cell of the index, whose records are one line each and whose paths keep their bytes (unlike CsvCell of the
/// reports); and the cells of one line.
[[nodiscard]] std::string IndexCell(std::string text);
[[nodiscard]] std::vector<std::string> IndexCells(const std::string& line);

}  // namespace dinsd
