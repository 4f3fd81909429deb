#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "pipeline/report/safe_text.h"
#include "tests/pipeline/longitudinal/read_longitudinal.h"

// What longitudinal.dcm says: the figures and words of the other files.

namespace dinsd {
namespace {

using testing::SizeIs;

// What stands between commas; one between quotes is no separator.
std::vector<std::string> CellsOf(const std::string& line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) cells.emplace_back();
    if (c != '"' && (c != ',' || is_quoted)) cells.back().push_back(c);
  }
  return cells;
}

// The rows of longitudinal.csv by column; no cell of these has a quote.
std::vector<std::map<std::string, std::string>> RowsOf(const LongitudinalReport& report) {
  std::istringstream lines(LongitudinalCsv(report));
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    const std::vector<std::string> cells = CellsOf(line);
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    EXPECT_EQ(cells.size(), columns.size()) << line;
    rows.emplace_back();
    for (std::size_t c = 0; c < cells.size(); ++c) rows.back()[columns[c]] = cells[c];
  }
  return rows;
}

// A spreadsheet would run what begins with a sign as a formula.
std::string Unquoted(const std::string& cell) {
  return cell.starts_with('\'') ? cell.substr(1) : cell;
}

void ExpectNumbers(const SrGroup& group, const std::map<std::string, std::string>& row) {
  for (const auto& [column, name] :
       std::vector<std::pair<std::string, std::string>>{{"volume_mL", "118565006"},
                                                        {"volume_low_mL", "VOLUMELOW90"},
                                                        {"volume_high_mL", "VOLUMEHIGH90"},
                                                        {"prior_mL", "PRIORVOLUME"},
                                                        {"d_pct_prior", "VOLUMECHANGE"},
                                                        {"d_pct_prior_low", "CHANGELOW95"},
                                                        {"d_pct_prior_high", "CHANGEHIGH95"},
                                                        {"baseline_mL", "BASELINEVOLUME"},
                                                        {"d_pct_baseline", "BASELINECHANGE"},
                                                        {"nadir_mL", "NADIRVOLUME"},
                                                        {"d_pct_nadir", "NADIRCHANGE"}}) {
    EXPECT_EQ(NumberIn(group, name), Unquoted(row.at(column)))
        << column << " of " << row.at("tracking_id") << " at " << row.at("study_date");
  }
}

std::string ClassWord(const std::string& code) {
  if (code == "15454001") return "increase";
  if (code == "19776001") return "decrease";
  std::string word = code;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

TEST_F(LongitudinalDicomTest, EveryRowOfTheTableIsAGroupWithItsDigits) {
  const LongitudinalReport report = patient->Report();
  ASSERT_EQ(report.dicom.why_none, "");
  const auto groups = GroupsOf(report);
  const auto rows = RowsOf(report);
  ASSERT_THAT(rows, SizeIs(15));
  ASSERT_THAT(groups, SizeIs(18)) << "with three totals";
  for (const auto& row : rows) {
    const auto found = groups.find({row.at("tracking_uid"), row.at("study_date")});
    ASSERT_NE(found, groups.end()) << row.at("tracking_id");
    const SrGroup& group = found->second;
    EXPECT_EQ(group.tracking_id, row.at("tracking_id"));
    ExpectNumbers(group, row);
    EXPECT_EQ(ClassWord(WordIn(group, "CHANGECLASS")), row.at("class"));
    EXPECT_EQ(WordIn(group, "CHANGEREASON"), row.at("reason"));
    EXPECT_EQ(ClassWord(WordIn(group, "BASELINECLASS")), row.at("class_baseline"));
    EXPECT_EQ(ClassWord(WordIn(group, "NADIRCLASS")), row.at("class_nadir"));
    EXPECT_EQ(WordIn(group, "FLAG"), row.at("flags"));
    EXPECT_EQ(WordIn(group, "STANDING"), row.at("result") == "final" ? "FINAL" : "PRELIMINARY");
    EXPECT_EQ(WordIn(group, "PRESENCE"), "MEASURED");
    EXPECT_EQ(WordIn(group, "CONFIRMEDDATE"), row.at("confirmed_date"));
    const std::string confirmed = row.at("confirmed");
    EXPECT_EQ(WordIn(group, "CONFIRMED"), confirmed.empty() ? "" : confirmed == "y" ? "373066001" : "373067005");
  }
}

TEST_F(LongitudinalDicomTest, AConfirmedResponseIsToldWithTheDateOfItsSecondScan) {
  const auto groups = GroupsOf(patient->Report());
  const std::string uid = DicomPatient::TrackingUid(0);
  EXPECT_EQ(WordIn(groups.at({uid, DicomPatient::Date(1)}), "CONFIRMED"), "");
  EXPECT_EQ(WordIn(groups.at({uid, DicomPatient::Date(2)}), "CONFIRMED"), "373067005");
  const SrGroup& last = groups.at({uid, DicomPatient::Date(3)});
  EXPECT_EQ(WordIn(last, "CONFIRMED"), "373066001");
  EXPECT_EQ(WordIn(last, "CONFIRMEDDATE"), DicomPatient::Date(3));
  EXPECT_EQ(NumberIn(last, "118565006"), "6.0000");
  EXPECT_EQ(NumberIn(last, "BASELINECHANGE"), "-40.00");
  EXPECT_EQ(NumberIn(last, "VOLUMECHANGE"), "-14.29");
  EXPECT_EQ(WordIn(last, "BASELINEDATE"), DicomPatient::Date(1));
  EXPECT_EQ(WordIn(last, "NADIRDATE"), DicomPatient::Date(2));
}

TEST_F(LongitudinalDicomTest, IntervalsAreThoseOfTheJson) {
  const LongitudinalReport report = patient->Report();
  const auto groups = GroupsOf(report);
  const nlohmann::json json = LongitudinalJson(report);
  EXPECT_EQ(json.at("dicom").at("file"), kLongitudinalDicom);
  EXPECT_TRUE(json.at("dicom").at("reason").is_null());
  std::size_t intervals = 0;
  for (const nlohmann::json& lesion : json.at("lesions")) {
    for (const nlohmann::json& cell : lesion.at("cells")) {
      const SrGroup& group = groups.at({lesion.at("tracking_uid"), cell.at("study_date")});
      for (const auto& [key, name] : std::vector<std::pair<std::string, std::string>>{
               {"prior", "CHANGE"}, {"baseline", "BASELINE"}, {"nadir", "NADIR"}}) {
        const bool has_interval = cell.at(key).is_object() && cell.at(key).at("interval").is_object();
        const auto bound = [&](const char* of) {
          return has_interval ? FixedDigits(cell.at(key).at("interval").at(of).get<double>(), 2) : "";
        };
        EXPECT_EQ(NumberIn(group, name + "LOW95"), bound("low_pct"));
        EXPECT_EQ(NumberIn(group, name + "HIGH95"), bound("high_pct"));
        intervals += has_interval ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(intervals, 24U) << "four lesions, two timepoints, three references";
}

TEST_F(LongitudinalDicomTest, TotalsAreOneGroupATimepoint) {
  const LongitudinalReport report = patient->Report();
  std::vector<SrGroup> totals;
  for (const SrGroup& group : Read(report).groups) {
    if (group.tracking_id == kSrTotalId) totals.push_back(group);
  }
  ASSERT_THAT(totals, SizeIs(3));
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(totals[t].tracking_uid, totals[0].tracking_uid);
    EXPECT_EQ(totals[t].time_point,
              (SrTimePoint{DicomPatient::Date(static_cast<int>(t) + 1), DicomPatient::StudyUid(static_cast<int>(t) + 1),
                           static_cast<int>(t) + 1}));
    EXPECT_EQ(totals[t].numbers.at(0).text, FixedDigits(report.totals[t].total_ml, 4));
    EXPECT_EQ(totals[t].numbers.at(0).derivation, "255619001");
    EXPECT_EQ(NumberIn(totals[t], "LESIONS"), "5");
    EXPECT_EQ(NumberIn(totals[t], "MATCHEDPRIOR"), t == 0 ? "" : FixedDigits(report.totals[t - 1].total_ml, 4));
    EXPECT_EQ(NumberIn(totals[t], "MATCHEDVOLUME"), t == 0 ? "" : FixedDigits(report.totals[t].total_ml, 4));
  }
}

TEST_F(LongitudinalDicomTest, TheSameReportHasTheSameBytesAndAnotherOneOtherUids) {
  LongitudinalReport report = patient->Report();
  EXPECT_EQ(report.dicom.bytes, patient->Report().dicom.bytes);
  const SrMeasurements first = Read(report);
  report.history.timepoints[0].lesions[0].lesion.volume_ml += 0.001;
  report.dicom = MakeLongitudinalDicom(report, {});
  const SrMeasurements second = Read(report);
  EXPECT_NE(first.sop_instance_uid, second.sop_instance_uid);
  EXPECT_NE(first.series_uid, second.series_uid);
  EXPECT_EQ(first.study_uid, second.study_uid);
}

}  // namespace
}  // namespace dinsd
