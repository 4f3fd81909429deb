#include <algorithm>
#include <array>
#include <optional>

#include "pipeline/report/follow_up_rows.h"
#include "pipeline/report/report.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 37> kColumns = {"patient",
                                                       "study_date",
                                                       "tracking_id",
                                                       "tracking_uid",
                                                       "label",
                                                       "site",
                                                       "laterality",
                                                       "type",
                                                       "depth",
                                                       "series_uid",
                                                       "voxel_mm3",
                                                       "slice_spacing",
                                                       "slices_spanned",
                                                       "volume_mL",
                                                       "volume_low_mL",
                                                       "volume_high_mL",
                                                       "change_log_sd",
                                                       "no_interval",
                                                       "clicks_pos",
                                                       "clicks_neg",
                                                       "verified_by",
                                                       "touches_border",
                                                       "overlap_zone",
                                                       "shared_component",
                                                       "below_measurable",
                                                       "out_of_domain",
                                                       "result",
                                                       "flags",
                                                       "warnings",
                                                       "weights_sha256",
                                                       "prior_mL",
                                                       "d_abs_prior",
                                                       "d_pct_prior",
                                                       "interval_days",
                                                       "mL_per_month",
                                                       "pct_per_month",
                                                       "class"};

std::string Row(const std::array<std::string, kColumns.size()>& cells) {
  std::string row;
  for (std::size_t i = 0; i < cells.size(); ++i) row += (i == 0 ? "" : ",") + cells[i];
  return row + "\r\n";
}

std::string Joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) joined.append(joined.empty() ? "" : separator).append(word);
  return joined;
}

std::string YesNo(bool is_so) {
  return is_so ? "yes" : "no";
}

// Who stands behind the lesion's clicks; empty where nobody is named or a click was never verified.
std::string VerifiedBy(const StudyResult& result, std::size_t index) {
  const ResolvedLesion* resolved = ResolvedOf(result, index);
  if (resolved == nullptr || resolved->clicks.empty()) return "";
  return HasProposedClick(*resolved) ? "" : result.prompts.prompts.provenance.operator_pseudonym;
}

std::string DigitsOr(const std::optional<double>& value, int decimals) {
  return value ? FixedDigits(*value, decimals) : "";
}

// Beside its prior, of a study that was followed from one: prior_mL to class; else all empty.
std::array<std::string, 7> ChangeCells(const StudyResult& result, std::size_t index) {
  const std::optional<FollowUpRow> row = FollowUpRowOf(result, index);
  if (!row) return {};
  const VolumeChange& change = row->change;
  return {FixedDigits(row->followed->prior.volume_ml, 4),
          DigitsOr(change.ml, 4),
          DigitsOr(change.percent, 2),
          DigitsOr(DaysBetween(result.follow_up->study_date, result.study.identity.study_date), 0),
          DigitsOr(change.ml_per_month, 4),
          DigitsOr(change.percent_per_month, 3),
          Word(change.change)};
}

std::string LesionRow(const StudyResult& result, std::size_t index) {
  const LesionResult& lesion = result.lesions[index];
  const PromptLesion* prompts = PromptsOf(result, index);
  const PromptLesion given = prompts == nullptr ? PromptLesion{} : *prompts;
  const std::vector<std::string> flags = FlagsOf(result, index);
  const auto has = [&](std::string_view flag) {
    return YesNo(std::find(flags.begin(), flags.end(), flag) != flags.end());
  };
  const GridGeometry& grid = result.image.grid;
  const std::array<std::string, 7> change = ChangeCells(result, index);
  return Row({CsvCell(result.study.identity.patient),
              CsvCell(result.study.identity.study_date),
              CsvCell(lesion.id),
              CsvCell(given.tracking_uid),
              std::to_string(lesion.label),
              CsvCell(given.site ? given.site->meaning : ""),
              CsvCell(given.laterality),
              CsvCell(given.type),
              CsvCell(given.depth),
              CsvCell(Joined(SeriesOfLesion(result, index), " ")),
              ExactDigits(grid.VoxelVolumeMl() * 1000),
              ExactDigits(SliceSpacingMm(grid)),
              std::to_string(lesion.slices_spanned),
              FixedDigits(lesion.volume_ml, 4),
              lesion.interval ? FixedDigits(lesion.interval->low_ml, 4) : "",
              lesion.interval ? FixedDigits(lesion.interval->high_ml, 4) : "",
              lesion.interval && lesion.interval->change_log_sd ? FixedDigits(*lesion.interval->change_log_sd, 4) : "",
              CsvCell(lesion.interval ? "" : lesion.no_interval),
              std::to_string(lesion.clicks_positive),
              std::to_string(lesion.clicks_negative),
              CsvCell(VerifiedBy(result, index)),
              has("touches_border"),
              has("overlap_zone"),
              has("shared_component"),
              YesNo(lesion.is_below_measurable),
              YesNo(result.is_out_of_domain),
              IsPreliminary(result) ? "preliminary" : "final",
              CsvCell(Joined(flags, " ")),
              CsvCell(Joined(lesion.warnings, " | ")),
              CsvCell(result.weights_sha256),
              change[0],
              change[1],
              change[2],
              change[3],
              change[4],
              change[5],
              change[6]});
}

}  // namespace

std::string LesionsCsv(const StudyResult& result) {
  std::array<std::string, kColumns.size()> header;
  std::copy(kColumns.begin(), kColumns.end(), header.begin());
  std::string csv = Row(header);
  for (std::size_t i = 0; i < result.lesions.size(); ++i) csv += LesionRow(result, i);
  return csv;
}

}  // namespace dinsd
