#include "daemon/service/count_questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/service_fixture.h"

// Questions to peers by way of the outgoing spool; the test is the sender.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CountQuestionsTest : public ServiceContextTest {
 protected:
  CountQuestionsTest() : spool_(folder_.path() / "outgoing") {
    context_.settings.sender.spool_dir = folder_.path() / "outgoing";
    spool_.Make();
  }

  void Ask(int job, const std::string& destination = "pacs") {
    questions_.Ask(JobId{job}, {.name = destination, .host = "h", .called_ae_title = "PACS"},
                   "1.2." + std::to_string(job));
  }

  void Tick(std::chrono::seconds after = {}) { questions_.Tick(CountQuestions::Clock::time_point() + after); }

  /// The studies that are asked about now, sorted.
  [[nodiscard]] std::vector<std::string> Asked() const {
    std::vector<std::string> studies;
    for (const auto& letter : spool_.Questions()) studies.push_back(ParseCountQuestion(letter.text).study_uid);
    std::sort(studies.begin(), studies.end());
    return studies;
  }

  /// What the sender does with each question.
  void Answer(const CountAnswer& answer) const {
    for (const auto& letter : spool_.Questions()) spool_.Count(letter.file.stem(), CountAnswerText(answer));
  }

  OutgoingSpool spool_;
  std::vector<std::string> answers_;  // "JOB: number or code"
  CountQuestions questions_{context_, [this](JobId job, const CountAnswer& answer) {
                              const std::string what =
                                  answer.instances ? std::to_string(*answer.instances) : answer.reason.code;
                              answers_.push_back(std::to_string(static_cast<int>(job)) + ": " + what);
                            }};
};

const CountAnswer kAway{std::nullopt, {"NOT_REACHED", "", "", "refused"}};

TEST_F(CountQuestionsTest, AnAnswerComesOnceAndNothingIsLeft) {
  Ask(7);
  Tick();
  EXPECT_THAT(Asked(), ElementsAre("1.2.7"));
  Tick();
  EXPECT_THAT(Asked(), SizeIs(1)) << "it is not asked twice";
  Answer({40, {}});
  Tick();
  Tick();
  EXPECT_THAT(answers_, ElementsAre("7: 40"));
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_THAT(spool_.Counts(), IsEmpty());
}

TEST_F(CountQuestionsTest, APeerIsAskedAboutOneStudyAtATime) {
  Ask(1);
  Ask(2);
  Ask(3, "archive");
  Tick();
  EXPECT_THAT(Asked(), ElementsAre("1.2.1", "1.2.3"));
  Answer({8, {}});
  Tick();
  EXPECT_THAT(Asked(), ElementsAre("1.2.2"));
  EXPECT_THAT(answers_, testing::UnorderedElementsAre("1: 8", "3: 8"));
}

TEST_F(CountQuestionsTest, APeerThatIsNotReachedHoldsUpNobodyElse) {
  Ask(1);
  Ask(2);
  Ask(3);
  Tick();
  Answer(kAway);
  Tick();
  EXPECT_THAT(answers_, ElementsAre("1: NOT_REACHED", "2: NOT_REACHED", "3: NOT_REACHED"));
  EXPECT_THAT(Asked(), IsEmpty());
}

TEST_F(CountQuestionsTest, WhatIsWrongWithAStudyIsNotWrongWithTheOthers) {
  Ask(1);
  Ask(2);
  Tick();
  Answer({std::nullopt, {"STUDY_UNKNOWN", "", "", "no such study"}});
  Tick();
  EXPECT_THAT(answers_, ElementsAre("1: STUDY_UNKNOWN"));
  EXPECT_THAT(Asked(), ElementsAre("1.2.2"));
}

TEST_F(CountQuestionsTest, ASenderThatIsSilentIsGivenUp) {
  Ask(1);
  Ask(2);
  Tick();
  Tick(std::chrono::seconds(159));  // 10 to connect, 2 x 30 for the association, 60 for the answer, 30 more
  EXPECT_THAT(answers_, IsEmpty());
  Tick(std::chrono::seconds(160));
  EXPECT_THAT(answers_, ElementsAre("1: SENDER_SILENT", "2: SENDER_SILENT"));
  EXPECT_THAT(Asked(), IsEmpty());
}

TEST_F(CountQuestionsTest, WhatNobodyWaitsForIsWithdrawn) {
  Ask(1);
  Tick();
  questions_.Forget(JobId{1});
  EXPECT_THAT(Asked(), IsEmpty());
  spool_.Count("of-another-daemon", CountAnswerText({3, {}}));
  Ask(2);
  Tick();
  EXPECT_THAT(spool_.Counts(), IsEmpty());
  EXPECT_THAT(answers_, IsEmpty());
}

TEST_F(CountQuestionsTest, NonsenseAndASpoolThatIsAwayAreAnswersToo) {
  Ask(1);
  Tick();
  spool_.Count(spool_.Questions().at(0).file.stem(), "{}");
  Tick();
  std::filesystem::remove_all(folder_.path() / "outgoing");
  Ask(2);
  Tick();
  EXPECT_THAT(answers_, ElementsAre("1: SENDER_PROTOCOL", "2: SPOOL"));
}

}  // namespace
}  // namespace dinsd
