#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/longitudinal/longitudinal_pictures.h"

namespace dinsd {

inline constexpr const char* kLongitudinalSchema = "dinsd-longitudinal/1";

/// longitudinal.csv: a row per lesion and timepoint from its first one on (RFC 4180, header row). What is not known is
/// empty, never 0.
[[nodiscard]] std::string LongitudinalCsv(const LongitudinalReport& report);

/// longitudinal.json: the same and more for programs; unknown is null.
[[nodiscard]] nlohmann::json LongitudinalJson(const LongitudinalReport& report);

/// longitudinal.html: one file without script that opens from disk. What a person must know first fits into 1280x800.
/// Every string of an input is escaped.
[[nodiscard]] std::string LongitudinalHtml(const LongitudinalReport& report, const LongitudinalPictures& pictures);

inline constexpr const char* kStampFile = "stamp.txt";

/// The place of a report holds something else, which is told by name and never removed.
class ReportPlaceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Puts a folder with the three files, longitudinal.dcm where the report has one (it is read back first:
/// CheckLongitudinalDicom), and a stamp in the place of `out`, whole or not at all; one that is there already
/// is replaced if WriteLongitudinal made it and nothing else lies in it, or if it is empty. `stamp` is a line that says
/// what the report was made from; without one it says that a person had it made. Throws ReportPlaceError where `out`
/// holds anything else, ReadBackError, std::system_error.
void WriteLongitudinal(const std::filesystem::path& out, const LongitudinalReport& report,
                       const LongitudinalPictures& pictures, const std::string& stamp = "");

/// The stamp of a report that was written; empty where there is none.
[[nodiscard]] std::string StampOf(const std::filesystem::path& out);

/// What lies in a folder beside the files of a report, by name, ascending: whoever put it there, it is not ours to
/// remove. Empty for what is no folder. Throws std::filesystem::filesystem_error.
[[nodiscard]] std::vector<std::string> StrangersIn(const std::filesystem::path& out);

/// Removes a report that WriteLongitudinal made, known by its stamp, file by file; what else lies in its folder stays,
/// and the folder with it. False where `out` bears no stamp, or could not be removed.
bool RemoveLongitudinal(const std::filesystem::path& out);

/// Removes what writes that were ended have left in a folder that holds reports.
void RemoveUnfinished(const std::filesystem::path& folder);

/// The name beside `out` under which a report is made before it has its place.
[[nodiscard]] std::filesystem::path StagingOf(const std::filesystem::path& out);

}  // namespace dinsd
