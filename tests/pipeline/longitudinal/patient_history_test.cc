#include "pipeline/longitudinal/patient_history.h"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>

#include "pipeline/write/result_folder.h"
#include "tests/pipeline/report/sample_result.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

class PatientHistoryTest : public testing::Test {
 protected:
  struct Asked {
    std::string date = "2026-03-04", patient = "P-0042";
    bool is_preliminary = false;
    std::function<void(StudyResult&)> change{};
  };

  void Add(int job, int revision, const Asked& asked) {
    StudyResult result = SampleResult(2, {40, 60, 6});
    result.study.identity.patient = asked.patient;
    result.study.identity.study_date = asked.date;
    result.is_preliminary = asked.is_preliminary;
    if (asked.change) asked.change(result);
    std::string name = "r";
    const std::filesystem::path place = folder_.path() / std::to_string(job) / name.append(std::to_string(revision));
    std::filesystem::create_directories(place);
    (void)WriteResultFolder(place, result, result.volume, {.job_id = std::to_string(job), .revision = revision},
                            "key" + std::to_string(revision));
    results_.push_back({job, revision, place, folder_.path() / "images", "study", "", ""});
  }

  std::string CodeOf() {
    try {
      (void)ReadPatientHistory(results_);
      return "";
    } catch (const InputError& error) {
      return error.code();
    }
  }

  TempFolder folder_;
  std::vector<ResultOfJob> results_;
};

TEST_F(PatientHistoryTest, TakesTheNewestRevisionOfEachJobByDate) {
  Add(7, 1, {.date = "2026-05-01"});
  Add(2, 1, {});
  Add(2, 2, {.is_preliminary = true});
  const PatientHistory history = ReadPatientHistory(results_);
  ASSERT_EQ(history.timepoints.size(), 2U);
  EXPECT_EQ(history.patient, "P-0042");
  EXPECT_EQ(history.timepoints[0].job, 2);
  EXPECT_EQ(history.timepoints[0].revision, 2);
  EXPECT_FALSE(history.timepoints[0].is_final);
  ASSERT_EQ(history.timepoints[0].superseded.size(), 1U);
  EXPECT_EQ(history.timepoints[0].superseded[0].standing, "final");
  EXPECT_EQ(history.timepoints[1].job, 7);
  ASSERT_EQ(history.timepoints[1].lesions.size(), 2U);
  EXPECT_EQ(history.timepoints[1].lesions[0].lesion.tracking_uid, "") << "no UID names the study, so \"L1\" is nothing";
  EXPECT_EQ(history.timepoints[1].lesions[0].clicks_positive, 1);
}

TEST_F(PatientHistoryTest, TwoPatientsAreNeverOneHistory) {
  Add(1, 1, {});
  Add(2, 1, {.date = "2026-05-01", .patient = "P-0043"});
  EXPECT_EQ(CodeOf(), "OTHER_PATIENT");
  results_.pop_back();
  EXPECT_EQ(CodeOf(), "");
  Add(3, 1, {.date = "2026-06-01", .patient = ""});
  EXPECT_EQ(CodeOf(), "OTHER_PATIENT") << "nobody is nobody's";
}

// It is no timepoint, and it does not go without a word.
TEST_F(PatientHistoryTest, WhatWasWithdrawnIsToldWithItsDate) {
  Add(1, 1, {});
  Add(2, 1, {.date = "2026-05-01", .is_preliminary = true});
  results_.back().study_date = "2026-05-01";
  results_.back().withdrawn = "reader-1 rejected every proposed click";
  const PatientHistory history = ReadPatientHistory(results_);
  ASSERT_EQ(history.timepoints.size(), 1U);
  ASSERT_EQ(history.left_out.size(), 1U);
  EXPECT_EQ(history.left_out[0].job, 2);
  EXPECT_EQ(history.left_out[0].study_date, "2026-05-01");
  EXPECT_EQ(history.left_out[0].reason, "withdrawn: reader-1 rejected every proposed click");
}

TEST_F(PatientHistoryTest, TakesWhatAResultSaysAgainstItsPrior) {
  Add(1, 1, {.change = [](StudyResult& result) {
        FollowUp& follow_up = result.follow_up.emplace();
        follow_up.job = 7;
        follow_up.revision = 2;
        follow_up.prior_mask = result.mask;
        follow_up.registration.flags = {"mask_not_bright", "lesions_not_found"};
        follow_up.registration.findings = {"dark then", "dark now"};
        for (const LesionResult& lesion : result.lesions) {
          FollowedLesion followed;
          followed.prior.id = lesion.id;
          followed.prior.label = lesion.label;
          followed.prior.volume_ml = lesion.volume_ml;
          follow_up.lesions.push_back(followed);
        }
        follow_up.lesions[1].flags = {kPriorRevised};
        follow_up.proposed_from = 1;
        result.warnings = {"of a study with clicks"};
      }});
  const PatientTimepoint timepoint = ReadPatientHistory(results_).timepoints.at(0);
  ASSERT_TRUE(timepoint.followed.has_value());
  EXPECT_EQ(timepoint.followed->InWords(), "mask_not_bright, lesions_not_found: dark then; dark now");
  EXPECT_TRUE(timepoint.followed->is_revised);
  EXPECT_EQ(timepoint.followed->id_today, (std::map<std::uint16_t, std::string>{{1, "L1"}}));
  EXPECT_TRUE(timepoint.lesions[1].Has(kPriorRevised));
  EXPECT_TRUE(timepoint.warnings.empty());
}

TEST_F(PatientHistoryTest, TakesTheWarningsOfAnImportedMask) {
  Add(1, 1, {.change = [](StudyResult& result) {
        result.imported.emplace().maker = "not stated";
        result.warnings = {"mask_off_edges: does this mask belong to these images?"};
      }});
  EXPECT_THAT(ReadPatientHistory(results_).timepoints.at(0).warnings,
              testing::ElementsAre("mask_off_edges: does this mask belong to these images?"));
}

TEST_F(PatientHistoryTest, WhatIsUnclearIsLeftOutByName) {
  Add(1, 1, {});
  Add(2, 1, {.date = "2026-05-01"});
  Add(3, 1, {.date = "2026-05-01"});
  Add(4, 1, {.date = ""});
  Add(5, 1, {.date = "2026-06-01"});
  std::ofstream(results_.back().result / "lesions.csv", std::ios::app) << "x";
  Add(6, 1, {.date = "2026-07-01"});
  std::filesystem::remove_all(results_.back().result);
  const PatientHistory history = ReadPatientHistory(results_);
  ASSERT_EQ(history.timepoints.size(), 1U);
  ASSERT_EQ(history.left_out.size(), 5U);
  EXPECT_THAT(history.left_out[0].reason, HasSubstr("the same date"));
  EXPECT_EQ(history.left_out[1].job, 3);
  EXPECT_THAT(history.left_out[2].reason, HasSubstr("no date"));
  EXPECT_THAT(history.left_out[3].reason, HasSubstr("no longer as it was published"));
  EXPECT_THAT(history.left_out[4].reason, HasSubstr("not there any more"));
}

}  // namespace
}  // namespace dinsd
