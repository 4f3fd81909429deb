#include "daemon/receiver/count_instances.h"

#include <dcmtk/oflog/oflog.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/daemon/sending/test_pacs.h"

// How many instances of a study a PACS of the test's own says it has, or why it says nothing.

namespace dinsd {
namespace {

using testing::HasSubstr;
using Reports = TestPacs::Reports;

class CountInstancesTest : public testing::Test {
 protected:
  CountInstancesTest() {
    ::setenv("TCP_NODELAY", "1", 1);
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  }

  static CountQuestion Question(int port, const std::string& study = "1.2.3") {
    constexpr std::chrono::seconds kLimit{5};
    return {"pacs",
            {.host = "127.0.0.1",
             .port = port,
             .called_ae_title = "PACS",
             .calling_ae_title = "DINSD",
             .connect_limit = kLimit,
             .acse_limit = kLimit,
             .dimse_limit = kLimit},
            study};
  }

  static void ExpectNoNumber(const CountAnswer& answer, const std::string& code) {
    EXPECT_FALSE(answer.instances.has_value());
    EXPECT_EQ(answer.reason.code, code) << answer.reason.sentence;
    EXPECT_FALSE(answer.reason.sentence.empty());
  }

  TestPacs pacs_{Reports::kNotTaken, {UID_MRImageStorage}, true};
};

TEST_F(CountInstancesTest, IsTheNumberThatThePeerGives) {
  for (const int number : {0, 1, 417}) {
    pacs_.study_instances = number;
    const CountAnswer answer = CountInstances(Question(pacs_.port()));
    EXPECT_EQ(answer.instances, number) << answer.reason.sentence;
    EXPECT_EQ(answer.reason.code, "");
  }
  EXPECT_EQ(pacs_.Queries(), 3);
}

TEST_F(CountInstancesTest, AStudyThatThePeerDoesNotKnowHasNoNumber) {
  ExpectNoNumber(CountInstances(Question(pacs_.port())), "STUDY_UNKNOWN");
  pacs_.study_instances = 5;
  ExpectNoNumber(CountInstances(Question(pacs_.port(), "1.2.4")), "STUDY_UNKNOWN");
}

TEST_F(CountInstancesTest, APeerThatDoesNotSupportTheKeyGivesNone) {
  pacs_.study_instances = 5;
  pacs_.supports_number = false;
  ExpectNoNumber(CountInstances(Question(pacs_.port())), "NO_NUMBER");
}

TEST_F(CountInstancesTest, ARefusalIsToldWithItsStatus) {
  pacs_.study_instances = 5;
  pacs_.query_status = 0xA700;
  const CountAnswer answer = CountInstances(Question(pacs_.port()));
  ExpectNoNumber(answer, "QUERY_REFUSED");
  EXPECT_THAT(answer.reason.sentence, HasSubstr("it answered 0xA700"));
}

TEST_F(CountInstancesTest, APeerWithoutQueriesIsTold) {
  const TestPacs mute(Reports::kNotTaken, {UID_VerificationSOPClass});
  ExpectNoNumber(CountInstances(Question(mute.port())), "QUERY_NOT_ACCEPTED");
}

TEST_F(CountInstancesTest, WhoIsNotThereIsNotReached) {
  int port = 0;
  {
    const TestPacs gone;
    port = gone.port();
  }
  ExpectNoNumber(CountInstances(Question(port)), "NOT_REACHED");
}

}  // namespace
}  // namespace dinsd
