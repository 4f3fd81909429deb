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
constexpr const char* kForm = "3";                // of the report: another one makes them all again

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

// What a child says of itself is shown as far as it can be words.
std::string WordsOf(const std::string& text) {
  constexpr std::size_t kMostLetters = 100;
  std::string words = text.substr(0, kMostLetters);
  for (char& c : words) c = c >= ' ' && c <= '~' ? c : '?';
  return words;
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

std::string PatientKeyOf(const std::string& folder_name) {
  return folder_name.substr(folder_name.rfind('.') + 1);
}

void PatientReports::Begin() {
  if (!context_.settings.followup.reports) return;
  failed_.clear();
  for (const std::string& patient : context_.history.Patients()) context_.reports_due.insert(patient);
  if (!child_) RemoveUnfinished(Folder());
  RemoveStrangers();
}

// Reports of patients, or of circles of them, that there are no more.
void PatientReports::RemoveStrangers() const {
  std::set<std::string> known;
  for (const std::string& patient : context_.history.Patients()) {
    for (const Timepoint& timepoint : context_.history.Of(patient))
      known.insert(PatientFolderName(PatientsOf(context_.settings, timepoint.source), patient));
  }
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(Folder(), gone)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with('.') && !known.contains(name)) (void)RemoveLongitudinal(entry.path());
  }
}

// A result of which a person rejected every click stays, and counts no more.
std::string PatientReports::StampOf(const std::vector<Timepoint>& timepoints) const {
  std::string text = std::string(DINSD_VERSION) + " " + kForm + " ";
  text.append(std::to_string(context_.settings.followup.registration_time_limit.count())).append("\n");
  for (const Timepoint& timepoint : timepoints) {
    text.append(std::to_string(static_cast<std::int64_t>(timepoint.job))).append(" ");
    text.append(std::to_string(timepoint.revision)).append(" ").append(timepoint.digest);
    const std::optional<Job> job = context_.queue.Find(timepoint.job);
    const bool is_rejected = job && job->state == JobState::kNeedsPrompts && job->reason.code == "REVIEW_REJECTED";
    text.append(is_rejected ? " rejected\n" : "\n");
  }
  return DigestOf(text);
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
  for (const auto& [circle, timepoints] : circles) LookAtCircle(patient, circle, timepoints);
}

void PatientReports::LookAtCircle(const std::string& patient, const std::string& circle,
                                  const std::vector<Timepoint>& timepoints) {
  const std::string name = PatientFolderName(circle, patient);
  const fs::path place = Folder() / name;
  std::erase_if(waiting_, [&](const Order& order) { return order.folder == name; });
  std::set<std::string> dates;
  std::set<JobId> jobs;
  for (const Timepoint& timepoint : timepoints) {
    if (!timepoint.facts.study_date.empty()) dates.insert(timepoint.facts.study_date);
    jobs.insert(timepoint.job);
  }
  if (dates.size() < 2) {
    (void)RemoveLongitudinal(place);
    return;
  }
  const std::string stamp = StampOf(timepoints);
  const auto failed = failed_.find(name);
  const bool has_failed = failed != failed_.end() && failed->second == stamp;
  if (dinsd::StampOf(place) != stamp && !has_failed)
    waiting_.push_back({patient, name, {jobs.begin(), jobs.end()}, stamp});
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
  reason_.clear();
  try {
    child_ = Child::Start(context_.io, context_.programs / "dins", arguments, {.cpu_seconds = kMostSeconds},
                          {[this](const std::string& text) { reason_ = WordsOf(text); },
                           [this, order](const std::string& how) { OnExit(order, how); }});
    Log(Severity::kDebug, "a patient's report is being made",
        {{"patient", PatientKeyOf(order.folder)}, {"jobs", Numbers(order.jobs)}});
  } catch (const std::system_error& error) {
    reason_ = error.code().message();
    OnExit(order, "it could not be started");
  }
}

// Whatever came while it was made is looked at again. Where none was made, the one that stands there is of another
// history than today's.
void PatientReports::OnExit(const Order& order, const std::string& how) {
  child_.reset();
  context_.reports_due.insert(order.patient);
  const nlohmann::json patient = PatientKeyOf(order.folder);
  if (how == "exit code 0") {
    failed_.erase(order.folder);
    Log(Severity::kInfo, "a patient's report was made", {{"patient", patient}, {"jobs", Numbers(order.jobs)}});
    return;
  }
  failed_[order.folder] = order.stamp;
  (void)RemoveLongitudinal(Folder() / order.folder);
  Log(Severity::kWarning, "a patient's report could not be made; dins history report tells why",
      {{"patient", patient}, {"jobs", Numbers(order.jobs)}, {"how", how}, {"reason", reason_}});
}

void PatientReports::Stop() {
  waiting_.clear();
  if (child_) child_->Abandon();
  child_.reset();
}

}  // namespace dinsd
