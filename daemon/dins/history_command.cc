#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "config/load_settings.h"
#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/history.h"
#include "daemon/dins/output_argument.h"
#include "daemon/dins/study_argument.h"
#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"
#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/read/date_time.h"
#include "pipeline/report/method.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct HistoryRequest {
  fs::path results = "/var/lib/dinsd/results";
  fs::path config;
  bool as_json = false;
  std::string patient, issuer, circle;
  std::vector<std::int64_t> jobs;
  fs::path out, cache;
  std::string baseline;
  std::string stamp;
  bool is_child = false;
};

using Request = std::shared_ptr<HistoryRequest>;

std::optional<Settings> SettingsOf(const HistoryRequest& asked) {
  if (asked.config.empty()) return std::nullopt;
  return LoadSettings(asked.config);
}

std::vector<WatchSettings> WatchesOf(const std::optional<Settings>& settings) {
  return settings ? settings->watches : std::vector<WatchSettings>();
}

json TimepointRow(const PatientTimepoint& timepoint) {
  return {{"study_date", timepoint.study_date},  {"job", timepoint.job},
          {"revision", timepoint.revision},      {"state", timepoint.is_final ? "final" : "preliminary"},
          {"lesions", timepoint.lesions.size()}, {"volume_ml", timepoint.total_ml}};
}

json PatientRow(const PatientResults& patient) {
  const PatientHistory history = ReadPatientHistory(patient.results);
  json timepoints = json::array(), left_out = json::array();
  for (const PatientTimepoint& timepoint : history.timepoints) timepoints.push_back(TimepointRow(timepoint));
  for (const LeftOutResult& left : history.left_out)
    left_out.push_back(
        {{"job", left.job}, {"revision", left.revision}, {"study_date", left.study_date}, {"reason", left.reason}});
  return {{"patient", patient.patient},
          {"issuer", patient.issuer},
          {"patients", patient.circle},
          {"timepoints", timepoints},
          {"left_out", left_out}};
}

void PrintPatient(const json& row) {
  const auto text = [&](const json& object, const char* key) { return CleanLine(object.at(key).get<std::string>()); };
  std::printf("%s%s%s  (%s)\n", text(row, "patient").c_str(), text(row, "issuer").empty() ? "" : ", issuer ",
              text(row, "issuer").c_str(), text(row, "patients").c_str());
  for (const json& timepoint : row.at("timepoints"))
    std::printf("  %s  job %lld r%lld  %s, %zu lesions, %s mL\n", text(timepoint, "study_date").c_str(),
                timepoint.at("job").get<long long>(), timepoint.at("revision").get<long long>(),
                text(timepoint, "state").c_str(), timepoint.at("lesions").get<std::size_t>(),
                VolumeDigits(timepoint.at("volume_ml").get<double>()).c_str());
  for (const json& left : row.at("left_out"))
    std::printf("  %s  job %lld r%lld  left out: %s\n",
                text(left, "study_date").empty() ? "no date   " : text(left, "study_date").c_str(),
                left.at("job").get<long long>(), left.at("revision").get<long long>(), text(left, "reason").c_str());
}

void List(const HistoryRequest& asked) {
  const std::optional<Settings> settings = SettingsOf(asked);
  json rows = json::array();
  for (const PatientResults& patient : PatientsIn(asked.results, WatchesOf(settings)))
    rows.push_back(PatientRow(patient));
  if (asked.as_json) {
    std::printf("%s\n", rows.dump(2).c_str());
    return;
  }
  if (rows.empty()) std::printf("no result names a patient\n");
  for (const json& row : rows) PrintPatient(row);
}

std::vector<ResultOfJob> Select(const HistoryRequest& asked, const std::vector<WatchSettings>& watches) {
  if (!asked.jobs.empty()) {
    std::vector<ResultOfJob> results = ResultsOfJobs(asked.results, asked.jobs, watches);
    if (!asked.patient.empty() || !asked.issuer.empty() || !asked.circle.empty())
      CheckWhose(PatientsIn(asked.results, watches), asked.jobs, asked.patient, asked.issuer, asked.circle);
    return results;
  }
  if (asked.patient.empty()) throw std::runtime_error("--patient or --jobs must say whose report is wanted");
  return FindPatient(PatientsIn(asked.results, watches), asked.patient, asked.issuer, asked.circle).results;
}

// With what else there is of the patient, where only some jobs were named: nothing goes without a word.
PatientHistory HistoryOf(const HistoryRequest& asked, const std::vector<WatchSettings>& watches,
                         const std::vector<ResultOfJob>& results) {
  PatientHistory history = ReadPatientHistory(results);
  if (asked.jobs.empty()) return history;
  const char* why = asked.is_child ? "withdrawn: the daemon did not count it when this report was made, as where its "
                                     "job is quarantined"
                                   : "it is not among the jobs that were named";
  for (LeftOutResult& other : OtherJobsOf(PatientsIn(asked.results, watches), asked.jobs, why))
    history.left_out.push_back(std::move(other));
  return history;
}

LongitudinalOptions OptionsOf(const HistoryRequest& asked, const std::optional<Settings>& settings) {
  LongitudinalOptions options;
  options.compare.cache = {asked.cache, std::numeric_limits<std::uint64_t>::max()};
  if (settings) {
    options.read = {settings->read.limits, settings->read.dicom, ""};
    options.dicom = settings->publish;
    options.compare.cache.bytes = settings->followup.registration_cache_bytes;
    options.compare.registration.time_limit_seconds =
        static_cast<double>(settings->followup.registration_time_limit.count());
  }
  if (!asked.baseline.empty() && !ParseDate(asked.baseline))
    throw std::runtime_error("--baseline: '" + asked.baseline + "' is no date YYYY-MM-DD");
  options.rules.baseline_date = asked.baseline;
  options.created = FormatDateTime(std::time(nullptr));
  options.software = ThisSoftware();
  return options;
}

void Report(const HistoryRequest& asked) {
  if (asked.is_child) (void)::setpriority(PRIO_PROCESS, 0, 15);
  const std::optional<Settings> settings = SettingsOf(asked);
  const std::vector<WatchSettings> watches = WatchesOf(settings);
  const std::vector<ResultOfJob> results = Select(asked, watches);
  for (const ResultOfJob& result : results) {
    RefuseInsideStudy("--out", asked.out, result.images);
    RefuseInsideStudy("--out", asked.out, result.result);
  }
  const LongitudinalOptions options = OptionsOf(asked, settings);
  std::optional<ConsoleProgress> console;
  if (!asked.is_child) console.emplace();
  const OnLongitudinalProgress progress = [&](const std::string& words, double share) {
    if (console) console->Show(words, share);
  };
  const LongitudinalReport report = MakeLongitudinalReport(HistoryOf(asked, watches, results), options, progress);
  StudyShelf shelf(report.timepoints(), options.read);
  WriteLongitudinal(asked.out, report, DrawLongitudinal(report, shelf, {}, progress), asked.stamp);
  console.reset();
  if (asked.is_child) return;
  std::printf("%s: %zu timepoints, %zu lesions, %zu things to look at\n", (asked.out / "longitudinal.html").c_str(),
              report.timepoints().size(), report.tracks().size(), report.look_at.size());
}

// Why, in words that name no patient and no path: the daemon logs them.
std::string ReasonInWords(const std::exception& error) {
  if (const auto* input = dynamic_cast<const InputError*>(&error)) return input->code();
  if (dynamic_cast<const ReportPlaceError*>(&error) != nullptr) return "its place holds files of others";
  if (const auto* failed = dynamic_cast<const std::system_error*>(&error)) return failed->code().message();
  if (dynamic_cast<const ConfigError*>(&error) != nullptr) return "the configuration is refused";
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "there is not enough memory";
  return "an error that dins history report tells in full";
}

// The daemon's log tells no path and nothing of a patient: who wants to know more calls the command by hand.
void ReportAsChild(const HistoryRequest& asked) {
  try {
    Report(asked);
  } catch (const std::exception& error) {
    const std::string reason = ReasonInWords(error);
    try {
      SendMessage(kChildSocket, reason);
    } catch (const std::exception&) {  // no parent listens
    }
    throw std::runtime_error("no report: " + reason);
  }
}

void AddPlaces(CLI::App& command, const Request& asked) {
  command.add_option("--results", asked->results, "the daemon's results_dir")->check(IsPath)->capture_default_str();
  command
      .add_option("--config", asked->config,
                  "dinsd.toml: which watched folders share their patients, and [read] (default: each folder is apart)")
      ->check(IsPath);
}

void AddList(CLI::App& history) {
  const auto asked = std::make_shared<HistoryRequest>();
  CLI::App* command = history.add_subcommand("list", "the patients of a results folder and their timepoints");
  AddPlaces(*command, asked);
  command->add_flag("--json", asked->as_json, "for programs");
  command->callback([asked] { List(*asked); });
}

void AddReport(CLI::App& history) {
  const auto asked = std::make_shared<HistoryRequest>();
  CLI::App* command = history.add_subcommand("report", "all timepoints of one patient: page, table and JSON");
  AddPlaces(*command, asked);
  command->add_option("--patient", asked->patient, "as the reports name them");
  command->add_option("--issuer", asked->issuer, "where patients of two issuers have one name");
  command->add_option("--patients", asked->circle, "the circle of patients, as `list` shows it");
  command
      ->add_option("--jobs", asked->jobs, "take the results of these jobs alone; --patient and the like must fit them")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--out", asked->out,
                   "folder for the report; one that holds such a report and nothing else is replaced")
      ->required()
      ->check(IsPath);
  command->add_option("--cache", asked->cache, "folder of registrations: what was registered before is not again")
      ->check(IsPath);
  command->add_option("--baseline", asked->baseline, "YYYY-MM-DD: no timepoint before it is a baseline");
  command->add_option("--stamp", asked->stamp, "a line that is kept beside the report")->group("");
  command->add_flag("--child", asked->is_child, "for the daemon: at low priority, without a word")->group("");
  command->callback([asked] { asked->is_child ? ReportAsChild(*asked) : Report(*asked); });
}

}  // namespace

void AddHistoryCommand(CLI::App& app) {
  CLI::App* history = app.add_subcommand("history", "a patient's timepoints: what there is, and a report over all");
  history->require_subcommand(1);
  AddList(*history);
  AddReport(*history);
}

}  // namespace dinsd
