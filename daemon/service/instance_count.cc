#include "daemon/service/instance_count.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "daemon/messages/checked_fields.h"
#include "daemon/publish/durable_files.h"
#include "daemon/service/job_log.h"
#include "daemon/service/required_series.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCounted = ".counted";

std::string PeerInWords(const ServiceContext& context) {
  return "the destination \"" + context.settings.receiver.count_from + "\"";
}

std::string InWords(std::int64_t instances) {
  return std::to_string(instances) + (instances == 1 ? " instance" : " instances");
}

bool WasEnough(const fs::path& spool, const std::string& entry, std::size_t instances) {
  std::ifstream in(spool / kCounted / entry);
  std::size_t counted = 0;
  return in >> counted && counted == instances;
}

// Without it the peer is asked again.
void KeepThatItIsEnough(const fs::path& spool, const SettledStudy& study, std::size_t instances) {
  try {
    fs::create_directories(spool / kCounted);
    RewriteFile(spool / kCounted / study.entry, std::to_string(instances) + "\n");
  } catch (const std::system_error& error) {
    LogJob(Severity::kWarning, "that all its instances have come could not be kept", study.id, "",
           {{"errno", error.code().value()}});
  }
}

void TellThatNobodyKnows(const ServiceContext& context, const SettledStudy& study, const Reason& why,
                         InspectedStudy& inspected) {
  LogJob(Severity::kWarning, "nobody says how many instances the study has: the quiet period alone counts", study.id,
         why.code, {{"destination", context.settings.receiver.count_from}});
  for (StudyImage& image : inspected.images) {
    if (image.is_chosen)
      image.notes.push_back("study_warning: " + PeerInWords(context) +
                            " did not say how many instances the study has (" + why.code + ": " + why.sentence +
                            "): that it is complete only the quiet period says");
  }
}

}  // namespace

const DestinationSettings* PeerToCount(const ServiceContext& context, const SettledStudy& study,
                                       const ReaderAnswer& answer) {
  const ReceiverSettings& receiver = context.settings.receiver;
  if (receiver.count_from.empty() || study.source != kReceivedWatch || !answer.study) return nullptr;
  const bool is_decided = answer.problem && (answer.problem->verdict == InputVerdict::kQuarantined ||
                                             answer.problem->code == kRequiredSeries);
  const InspectedStudy& inspected = *answer.study;
  if (is_decided || inspected.has_manifest || !IsUid(inspected.identity.study_uid)) return nullptr;
  if (WasEnough(receiver.spool_dir, study.entry, inspected.instances)) return nullptr;
  const std::vector<DestinationSettings>& all = context.settings.destinations;
  const auto peer = std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.name == receiver.count_from; });
  return peer == all.end() ? nullptr : &*peer;
}

CountAnswer NotAsked() {
  return {std::nullopt,
          {"HAS_RESULTS", "", "", "it was not asked, since it may count results of ours that the study has by now"}};
}

void ApplyCount(const ServiceContext& context, const SettledStudy& study, const CountAnswer& count,
                ReaderAnswer& answer) {
  if (context.settings.receiver.count_from.empty()) return;  // the rule was taken away meanwhile
  const auto come = static_cast<std::int64_t>(answer.study->instances);
  if (!count.instances) return TellThatNobodyKnows(context, study, count.reason, *answer.study);
  if (*count.instances <= come)
    return KeepThatItIsEnough(context.settings.receiver.spool_dir, study, answer.study->instances);
  answer.problem = Problem{kStudyCount, answer.study->name, "NumberOfStudyRelatedInstances",
                           PeerInWords(context) + " has " + InWords(*count.instances) + " of the study, and " +
                               InWords(come) + (come == 1 ? " has come" : " have come")};
}

}  // namespace dinsd
