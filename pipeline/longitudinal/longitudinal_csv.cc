#include <algorithm>
#include <utility>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

using Cells = std::vector<std::pair<const char*, std::string>>;  // column and content, in the order of the columns

std::string Ml(const std::optional<double>& ml) {
  return ml ? FixedDigits(*ml, 4) : "";
}

std::string Number(const std::optional<double>& value, int decimals) {
  return value ? FixedDigits(*value, decimals) : "";
}

std::string Joined(const std::vector<std::string>& words, const char* separator) {
  std::string joined;
  for (const std::string& word : words) joined.append(joined.empty() ? "" : separator).append(word);
  return joined;
}

const char* PresenceWord(Presence presence) {
  switch (presence) {
    case Presence::kBefore:
      return "before";
    case Presence::kMeasured:
      return "measured";
    case Presence::kNotFound:
      return "not_found";
    case Presence::kNotImaged:
      return "not_imaged";
    case Presence::kMerged:
      return "merged";
    case Presence::kNotCompared:
      return "not_compared";
  }
  return "";
}

void AddIdentity(const LongitudinalReport& report, std::size_t k, std::size_t t, Cells& cells) {
  const PatientTimepoint& timepoint = report.timepoints()[t];
  const LesionTrack& track = report.tracks()[k];
  cells = {{"patient", CsvCell(report.history.patient)},
           {"study_date", CsvCell(timepoint.study_date)},
           {"job", std::to_string(timepoint.job)},
           {"revision", std::to_string(timepoint.revision)},
           {"result", timepoint.is_final ? "final" : "preliminary"},
           {"no", std::to_string(k + 1)},
           {"tracking_id", CsvCell(track.id)},
           {"tracking_uid", CsvCell(track.uid)},
           {"presence", PresenceWord(track.cells[t].presence)}};
}

void AddLesion(const LongitudinalReport& report, std::size_t k, std::size_t t, Cells& cells) {
  const MeasuredLesion* lesion = CellLesion(report, k, t);
  const PatientTimepoint& timepoint = report.timepoints()[t];
  const PriorLesion none;
  const PriorLesion& given = lesion == nullptr ? none : lesion->lesion;
  const auto if_there = [&](const std::string& text) { return lesion == nullptr ? std::string() : text; };
  const auto count = [](const std::optional<int>& clicks) { return clicks ? std::to_string(*clicks) : std::string(); };
  const ReportedInterval* interval = lesion != nullptr && lesion->interval ? &*lesion->interval : nullptr;
  cells.insert(cells.end(), {{"tracking_id_here", CsvCell(given.id)},
                             {"tracking_uid_here", CsvCell(given.tracking_uid)},
                             {"label", if_there(std::to_string(given.label))},
                             {"site", CsvCell(given.site ? given.site->meaning : "")},
                             {"laterality", CsvCell(given.laterality)},
                             {"type", CsvCell(given.type)},
                             {"depth", CsvCell(given.depth)},
                             {"series_uid", if_there(CsvCell(timepoint.series_uid))},
                             {"voxel_mm3", if_there(ExactDigits(timepoint.voxel_mm3))},
                             {"slice_spacing", if_there(ExactDigits(timepoint.slice_spacing_mm))},
                             {"slices_spanned", if_there(std::to_string(given.slices_spanned))},
                             {"volume_mL", Ml(CellVolume(report, k, t))},
                             {"volume_low_mL", interval != nullptr ? FixedDigits(interval->low_ml, 4) : ""},
                             {"volume_high_mL", interval != nullptr ? FixedDigits(interval->high_ml, 4) : ""},
                             {"volume_level", interval != nullptr ? ExactDigits(interval->level) : ""},
                             {"clicks_pos", lesion == nullptr ? "" : count(lesion->clicks_positive)},
                             {"clicks_neg", lesion == nullptr ? "" : count(lesion->clicks_negative)},
                             {"verified_by", if_there(timepoint.is_final ? CsvCell(timepoint.verified_by) : "")}});
}

std::string ClassOf(const std::optional<ReferenceChange>& change) {
  return change ? Word(change->change.change) : "";
}

// Nothing is confirmed or not where nothing was compared with a baseline.
std::string ConfirmedWord(const CellVerdict& verdict) {
  if (!verdict.baseline) return "";
  return verdict.confirmed_on.empty() ? "n" : "y";
}

void AddChange(const CellVerdict& verdict, Cells& cells) {
  const auto ml = [](const std::optional<ReferenceChange>& change) {
    return Ml(change ? std::optional(change->reference_ml) : std::nullopt);
  };
  const auto percent = [](const std::optional<ReferenceChange>& change) {
    return Number(change ? change->change.percent : std::nullopt, 2);
  };
  const VolumeChange none;
  const VolumeChange& prior = verdict.prior ? verdict.prior->change : none;
  const PercentInterval* interval = verdict.prior && verdict.prior->interval ? &*verdict.prior->interval : nullptr;
  cells.insert(cells.end(), {{"baseline_mL", ml(verdict.baseline)},
                             {"nadir_mL", ml(verdict.nadir)},
                             {"prior_mL", ml(verdict.prior)},
                             {"compared_mL", verdict.prior ? FixedDigits(verdict.prior->now_ml, 4) : ""},
                             {"d_abs_prior", Ml(prior.ml)},
                             {"d_pct_prior", Number(prior.percent, 2)},
                             {"d_pct_prior_low", interval != nullptr ? FixedDigits(interval->low, 2) : ""},
                             {"d_pct_prior_high", interval != nullptr ? FixedDigits(interval->high, 2) : ""},
                             {"d_pct_baseline", percent(verdict.baseline)},
                             {"d_pct_nadir", percent(verdict.nadir)},
                             {"interval_days", Number(verdict.prior ? verdict.prior->days : std::nullopt, 0)},
                             {"mL_per_month", Number(prior.ml_per_month, 4)},
                             {"pct_per_month", Number(prior.percent_per_month, 3)},
                             {"class", verdict.change ? Word(*verdict.change) : ""},
                             {"class_baseline", ClassOf(verdict.baseline)},
                             {"class_nadir", ClassOf(verdict.nadir)},
                             {"reason", CsvCell(verdict.reason)},
                             {"confirmed", ConfirmedWord(verdict)},
                             {"confirmed_date", CsvCell(verdict.confirmed_on)}});
}

void AddFlags(const LongitudinalReport& report, std::size_t k, std::size_t t, Cells& cells) {
  const std::vector<std::string>& flags = report.verdicts[k][t].flags;
  const bool is_measured = CellLesion(report, k, t) != nullptr;
  const auto has = [&](const char* flag) -> std::string {
    if (!is_measured) return "";
    return std::find(flags.begin(), flags.end(), flag) != flags.end() ? "yes" : "no";
  };
  const TrackCell& cell = report.tracks()[k].cells[t];
  std::vector<std::string> merged_from;
  for (const std::size_t other : cell.merged_from) merged_from.push_back(std::to_string(other + 1));
  const auto number = [](const std::optional<std::size_t>& track) {
    return track ? std::to_string(*track + 1) : std::string();
  };
  cells.insert(cells.end(), {{"touches_border", has("touches_border")},
                             {"overlap_zone", has("overlap_zone")},
                             {"shared_component", has("shared_component")},
                             {"merged", has("merged")},
                             {"split", has("split")},
                             {"merged_from", Joined(merged_from, " ")},
                             {"merged_into", number(cell.merged_into)},
                             {"split_from", number(cell.split_from)},
                             {"geometry_warning", report.timepoints()[t].has_geometry_warning ? "yes" : "no"},
                             {"model_mismatch", has("model_mismatch")},
                             {"flags", CsvCell(Joined(flags, " "))},
                             {"weights_sha256", CsvCell(report.timepoints()[t].method.weights_sha256)}});
}

Cells RowOf(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  Cells cells;
  AddIdentity(report, k, t, cells);
  AddLesion(report, k, t, cells);
  AddChange(report.verdicts[k][t], cells);
  AddFlags(report, k, t, cells);
  return cells;
}

}  // namespace

std::string LongitudinalCsv(const LongitudinalReport& report) {
  std::string header, rows;
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    for (std::size_t t = report.tracks()[k].first; t < report.timepoints().size(); ++t) {
      std::string names, row;
      for (const auto& [name, content] : RowOf(report, k, t)) {
        names.append(names.empty() ? "" : ",").append(name);
        row.append(content).push_back(',');
      }
      row.pop_back();
      header = names;
      rows.append(row).append("\r\n");
    }
  }
  return header.empty() ? "patient\r\n" : header.append("\r\n").append(rows);
}

}  // namespace dinsd
