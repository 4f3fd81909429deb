#include "daemon/service/recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <utility>

#include "daemon/process/unique_fd.h"
#include "daemon/publish/durable_files.h"
#include "daemon/service/job_log.h"
#include "daemon/service/prior_choice.h"
#include "daemon/service/publication.h"
#include "daemon/service/rebuild.h"
#include "daemon/service/result_rows.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

void Settle(ServiceContext& context, const JobQueue::TakenBack& taken, const char* why) {
  for (const JobId job : taken.again) LogJob(Severity::kInfo, why, job);
  for (const JobId job : taken.quarantined) LogJob(Severity::kWarning, "quarantined", job, "SERVICE_LOST");
  for (const LeasedJob& leased : taken.publishing) FinishInterrupted(context, leased);
}

// One row for each result that is there and no other: a person may have moved some away, or named another results_dir.
void CompleteIndex(ServiceContext& context) {
  bool is_changed = context.index.KeepOnly(
      [&](std::int64_t job, std::int64_t revision) { return context.results.IsTaken(job, revision); });
  std::int64_t missing = 0;
  JobQueue::Filter filter;
  for (std::vector<Job> page = context.queue.List(filter); !page.empty(); page = context.queue.List(filter)) {
    for (const Job& job : page) missing += AddRows(context, job, is_changed);
    filter.after = page.back().id;
  }
  if (is_changed) context.index.Write();
  if (missing == 0) return;
  Log(Severity::kWarning, "results that this queue published are not in results_dir: index.csv leaves them out",
      {{"results", missing}});
}

// A queue from a backup knows nothing of what was published after it: those numbers are not given again.
void PassUnknownResults(ServiceContext& context) {
  const auto last = static_cast<std::int64_t>(context.queue.LastNumber());
  std::int64_t largest = last;
  int unknown = 0;
  for (const std::int64_t number : context.results.Numbers()) {
    largest = std::max(largest, number);
    unknown += number > last ? 1 : 0;
  }
  if (unknown == 0) return;
  context.queue.NumberAbove(JobId{largest});
  Log(Severity::kWarning, "results_dir has results that this queue does not know: new jobs are numbered above them",
      {{"unknown", unknown}, {"next_job", largest + 1}});
}

}  // namespace

void RecoverFromCrash(ServiceContext& context) {
  if (context.queue.Counts().empty()) (void)RestoreResults(context);
  LookUpImages(context);
  LookUpHistory(context);
  PassUnknownResults(context);
  if (context.queue.mode() == JobQueue::Mode::kDraining) context.queue.SetMode(JobQueue::Mode::kOpen);
  Settle(context, context.queue.TakeBackOwnLeases(), "taken back after a crash");
  CompleteIndex(context);
  const int swept = context.results.Sweep({});
  if (swept > 0) Log(Severity::kInfo, "removed what was left in staging", {{"folders", swept}});
}

void TakeBackExpired(ServiceContext& context) {
  const JobQueue::TakenBack taken = context.queue.ExpireLeases();
  const std::chrono::milliseconds step = context.queue.last_clock_step();
  if (step.count() != 0) {
    Log(Severity::kWarning, "the wall clock was set", {{"by_ms", step.count()}});
    context.outbox.FollowClock(step);
  }
  Settle(context, taken, "lease expired");
}

std::string FindSalt(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string salt{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return salt.size() >= 32 ? salt : "";
}

std::string LoadSalt(const std::filesystem::path& file) {
  const std::string salt = FindSalt(file);
  if (!salt.empty()) return salt;
  const RandomBits random = SystemRandom();
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64 "%016" PRIx64, random(), random());
  RewriteFile(file, text.data());
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return text.data();
}

std::string OwnerId(const std::string& salt) {
  const std::string bytes = "owner of results\n" + salt;
  return Sha256Hex(std::as_bytes(std::span(bytes))).substr(0, 32);
}

}  // namespace dinsd
