#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

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

/// Puts a folder with the three files in the place of `out`, whole or not at all; a folder that is there already is
/// replaced if it holds such a report. `stamp`, a line that says what the report was made from, goes beside them unless
/// it is empty. Throws std::runtime_error where `out` holds something else, std::system_error.
void WriteLongitudinal(const std::filesystem::path& out, const LongitudinalReport& report,
                       const LongitudinalPictures& pictures, const std::string& stamp = "");

/// The stamp of a report that was written; empty where there is none.
[[nodiscard]] std::string StampOf(const std::filesystem::path& out);

}  // namespace dinsd
