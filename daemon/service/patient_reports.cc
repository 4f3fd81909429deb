#include "daemon/service/patient_reports.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "daemon/log/log.h"
#include "daemon/service/prior_choice.h"
#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostSeconds = 6 * 3600;  // of the child's processor time
constexpr std::size_t kPatientsAtOnce = 20;       // that are looked at in one tick
constexpr const char* kForm = "1";                // of the report: another one makes them all again

std::string DigestOf(const std::string& text) {
  return Sha256Hex(std::as_bytes(std::span(text)));
}

// By circle, the results of a patient.
std::map<std::string, std::vector<Timepoint>> ByCircle(ServiceContext& context, const std::string& patient) {
  std::map<std::string, std::vector<Timepoint>> circles;
  for (const Timepoint& timepoint : context.history.Of(patient)) {
    if (!context.results.IsTaken(static_cast<std::int64_t>(timepoint.job), timepoint.revision)) continue;
    circles[PatientsOf(context.settings, timepoint.source)].push_back(timepoint);
  }
  return circles;
}

std::string StampOf(const std::vector<Timepoint>& timepoints) {
  std::string text = std::string(DINSD_VERSION) + " " + kForm + "\n";
  for (const Timepoint& timepoint : timepoints) {
    text.append(std::to_string(static_cast<std::int64_t>(timepoint.job))).append(" ");
    text.append(std::to_string(timepoint.revision)).append(" ").append(timepoint.digest).append("\n");
  }
  return DigestOf(text);
}

std::vector<std::int64_t> Numbers(const std::vector<JobId>& jobs) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(jobs.size());
  for (const JobId job : jobs) numbers.push_back(static_cast<std::int64_t>(job));
  return numbers;
}

std::string JobsArgument(const std::vector<JobId>& jobs) {
  std::string text;
  for (const std::int64_t number : Numbers(jobs)) text.append(text.empty() ? "" : ",").append(std::to_string(number));
  return text;
}

}  // namespace

std::string PatientFolderName(const std::string& circle, const std::string& patient) {
  constexpr std::size_t kMostLetters = 40, kDigits = 8;
  std::string name;
  for (const char c : patient.substr(0, kMostLetters)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    name += is_plain ? c : '_';
  }
  return name.append(".").append(DigestOf(circle + "\n" + patient).substr(0, kDigits));
}

PatientReports::PatientReports(ServiceContext& context, fs::path config)
    : context_(context), config_(std::move(config)) {}

void PatientReports::Begin() {
  for (const std::string& patient : context_.history.Patients()) context_.reports_due.insert(patient);
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(Folder(), gone)) {
    std::error_code ignored;
    if (entry.path().filename().string().starts_with('.')) fs::remove_all(entry.path(), ignored);
  }
}

void PatientReports::Tick() {
  if (!context_.settings.followup.reports) {
    context_.reports_due.clear();
    waiting_.clear();
  }
  for (std::size_t n = 0; n < kPatientsAtOnce && !context_.reports_due.empty(); ++n)
    LookAt(context_.reports_due.extract(context_.reports_due.begin()).value());
  if (child_ || waiting_.empty()) return;
  const Order order = std::move(waiting_.front());
  waiting_.pop_front();
  Start(order);
}

// A report of what was withdrawn since is made again, or removed where nothing of it is left.
void PatientReports::LookAt(const std::string& patient) {
  if (patient.empty()) return;
  std::map<std::string, std::vector<Timepoint>> circles = ByCircle(context_, patient);
  for (const WatchSettings& watch : context_.settings.watches) circles.try_emplace(watch.Patients());
  for (const auto& [circle, timepoints] : circles) {
    const std::string name = PatientFolderName(circle, patient);
    const fs::path place = Folder() / name;
    std::erase_if(waiting_, [&](const Order& order) { return order.folder == name; });
    std::set<std::string> dates;
    std::set<JobId> jobs;
    for (const Timepoint& timepoint : timepoints) {
      if (!timepoint.facts.study_date.empty()) dates.insert(timepoint.facts.study_date);
      jobs.insert(timepoint.job);
    }
    std::error_code failed;
    if (dates.size() < 2) {
      fs::remove_all(place, failed);
    } else if (const std::string stamp = StampOf(timepoints); StampOf(place) != stamp) {
      waiting_.push_back({name, {jobs.begin(), jobs.end()}, stamp});
    }
  }
}

void PatientReports::Start(const Order& order) {
  const std::vector<std::string> arguments = {"history",
                                              "report",
                                              "--child",
                                              "--results",
                                              context_.results.folder().string(),
                                              "--config",
                                              config_.string(),
                                              "--jobs",
                                              JobsArgument(order.jobs),
                                              "--out",
                                              (Folder() / order.folder).string(),
                                              "--cache",
                                              (context_.settings.daemon.state_dir / "registrations").string(),
                                              "--stamp",
                                              order.stamp};
  try {
    child_ = Child::Start(context_.io, context_.programs / "dins", arguments, {.cpu_seconds = kMostSeconds},
                          {[](const std::string&) {}, [this, order](const std::string& how) { OnExit(order, how); }});
    Log(Severity::kDebug, "a patient's report is being made", {{"jobs", Numbers(order.jobs)}});
  } catch (const std::system_error& error) {
    Log(Severity::kError, "no report could be started", {{"errno", error.code().value()}});
  }
}

void PatientReports::OnExit(const Order& order, const std::string& how) {
  child_.reset();
  if (how == "exit code 0") {
    Log(Severity::kInfo, "a patient's report was made", {{"jobs", Numbers(order.jobs)}});
  } else {
    Log(Severity::kWarning, "a patient's report could not be made; dins history report tells why",
        {{"jobs", Numbers(order.jobs)}, {"how", how}});
  }
}

void PatientReports::Stop() {
  waiting_.clear();
  if (child_) child_->Abandon();
  child_.reset();
}

}  // namespace dinsd
