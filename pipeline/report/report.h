#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// What the report says beyond the result itself.
struct ReportContext {
  std::string job_id;  // empty outside the daemon
  int revision = 1;
  std::string created;   // RFC 3339
  std::string software;  // name and version
};

/// report.html: one file without script that opens from disk. Every string of an input is escaped.
[[nodiscard]] std::string ReportHtml(const StudyResult& result, const ReportContext& context);

/// report.json: the same facts for programs.
[[nodiscard]] nlohmann::json ReportJson(const StudyResult& result, const ReportContext& context);

/// lesions.csv: one row per lesion (RFC 4180, header row; a cell that a spreadsheet would run is quoted with ').
[[nodiscard]] std::string LesionsCsv(const StudyResult& result);

/// provenance.json: digests of inputs, clicks, weights and options, versions, device, timings, peak memory.
[[nodiscard]] nlohmann::json ProvenanceJson(const StudyResult& result, const ReportContext& context);

}  // namespace dinsd
