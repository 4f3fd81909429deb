#include "daemon/queue_view/queue_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/service/job_json.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

Job Refused(const Reason& reason) {
  Job job;
  job.id = JobId{7};
  job.state = JobState::kQuarantined;
  job.root = "/in";
  job.entry = "pat";
  job.reason = reason;
  return job;
}

std::string Shown(const Reason& reason) {
  return JobInWords(HistoryToJson({Refused(reason), {}, {}}));
}

TEST(QueueView, ShowsWhereAReasonLies) {
  EXPECT_THAT(Shown({"OTHER_PATIENT", "pat", "patient", "is another one"}),
              HasSubstr("  reason: OTHER_PATIENT: pat [patient]: is another one\n"));
  EXPECT_THAT(Shown({"NO_MODEL", "", "", "no model"}), HasSubstr("  reason: NO_MODEL: no model\n"));
  EXPECT_THAT(Shown({"NO_PROMPTS", "pat", "", "no clicks"}), HasSubstr("  reason: NO_PROMPTS: pat: no clicks\n"));
}

TEST(QueueView, SaysNothingTwice) {
  EXPECT_THAT(Shown({"MISSING_SLICE", "pat", "spacing", "MISSING_SLICE: pat [spacing]: a gap"}),
              HasSubstr("  reason: MISSING_SLICE: pat [spacing]: a gap\n"));
}

TEST(QueueView, ListsTheCode) {
  const nlohmann::json jobs =
      nlohmann::json::array({JobToJson(Refused({"OTHER_PATIENT", "pat", "patient", "another"}))});
  EXPECT_THAT(ListInWords({{"jobs", jobs}, {"counts", {{"quarantined", 1}}}, {"mode", "open"}}),
              HasSubstr("  OTHER_PATIENT  /in/pat\n"));
}

}  // namespace
}  // namespace dinsd
