#include "daemon/receiver/send_result.h"

#include <dcmtk/oflog/oflog.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "pipeline/read/digest.h"
#include "tests/daemon/sending/test_pacs.h"
#include "tests/pipeline/read/dicom_maker.h"

// One order against a PACS of the test's own.

namespace dinsd {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using Reports = TestPacs::Reports;

class SendResultTest : public testing::Test {
 protected:
  SendResultTest() : spool_(folder_.path() / "spool") {
    ::setenv("TCP_NODELAY", "1", 1);
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    spool_.Make();
  }

  // An order with slices 0, 1, ... as its objects.
  SendOrder Order(const TestPacs& pacs, int objects = 2, const DicomEdit& edit = {}) {
    SendOrder order{.key = {JobId{7}, 2, "pacs"},
                    .attempt = 3,
                    .host = "127.0.0.1",
                    .port = pacs.port(),
                    .called_ae_title = "PACS",
                    .calling_ae_title = "DINSD",
                    .connect_limit = seconds(5),
                    .acse_limit = seconds(5),
                    .dimse_limit = seconds(5)};
    for (int k = 0; k < objects; ++k) {
      const std::string bytes = MakeSlice(k, edit);
      folder_.Write("order/" + std::to_string(k) + ".dcm", bytes);
      order.files.push_back({"dicom/" + std::to_string(k) + ".dcm", Sha256Hex(std::as_bytes(std::span(bytes)))});
    }
    return order;
  }

  SendAnswer Send(const SendOrder& order) { return SendResult(order, folder_.path() / "order", spool_); }

  std::vector<CommitmentReport> ReportsInSpool() {
    std::vector<CommitmentReport> reports;
    for (const OutgoingSpool::Letter& letter : spool_.Reports()) reports.push_back(ParseCommitmentReport(letter.text));
    return reports;
  }

  TempFolder folder_;
  OutgoingSpool spool_;
};

TEST_F(SendResultTest, SendsEveryObjectAndTellsEachAnswer) {
  const TestPacs pacs;
  const SendAnswer answer = Send(Order(pacs));
  EXPECT_EQ(answer.end, SendEnd::kStored) << answer.reason.sentence;
  EXPECT_EQ(answer.key, (OutboxKey{JobId{7}, 2, "pacs"}));
  EXPECT_EQ(answer.attempt, 3);
  EXPECT_EQ(answer.objects, (std::vector<OutboxObject>{{"dicom/0.dcm", "1.2.3.4.1", 0, false},
                                                       {"dicom/1.dcm", "1.2.3.4.2", 0, false}}));
  EXPECT_EQ(pacs.Stored(), (std::map<std::string, int>{{"1.2.3.4.1", 1}, {"1.2.3.4.2", 1}}));
}

TEST_F(SendResultTest, NothingLeavesWhereADigestDiffers) {
  const TestPacs pacs;
  SendOrder order = Order(pacs);
  order.files[1].sha256 = std::string(64, '0');
  const SendAnswer answer = Send(order);
  EXPECT_EQ(answer.end, SendEnd::kWrongResult);
  EXPECT_EQ(answer.reason.code, "RESULT_CHANGED");
  EXPECT_TRUE(pacs.Stored().empty());
}

TEST_F(SendResultTest, WhoIsNotThereOrKnowsUsNotIsNotReached) {
  SendOrder order;
  {
    const TestPacs pacs;
    order = Order(pacs);
    order.called_ae_title = "OTHER";
    EXPECT_EQ(Send(order).end, SendEnd::kUnreached);
  }
  const SendAnswer answer = Send(order);
  EXPECT_EQ(answer.end, SendEnd::kUnreached);
  EXPECT_EQ(answer.reason.code, "NOT_REACHED");
  EXPECT_FALSE(answer.objects.at(0).status.has_value());
}

TEST_F(SendResultTest, ARefusalIsToldWithItsStatus) {
  TestPacs pacs;
  pacs.status = 0xA700;
  const SendAnswer answer = Send(Order(pacs));
  EXPECT_EQ(answer.end, SendEnd::kRefused);
  EXPECT_EQ(answer.objects.at(1).status, 0xA700);
  EXPECT_THAT(answer.reason.sentence, HasSubstr("dicom/0.dcm was answered 0xA700"));
}

TEST_F(SendResultTest, AWarningMeansThatItIsStored) {
  TestPacs pacs;
  pacs.status = 0xB000;
  EXPECT_EQ(Send(Order(pacs)).end, SendEnd::kStored);
}

TEST_F(SendResultTest, ASopClassThatIsNotTakenIsARefusal) {
  const TestPacs pacs(Reports::kNever);
  SendOrder order = Order(pacs, 2, [](DcmDataset& data) { Put(data, DCM_SOPClassUID, UID_SegmentationStorage); });
  order.transaction_uid = "2.25.17";  // which it takes
  const SendAnswer answer = Send(order);
  EXPECT_EQ(answer.end, SendEnd::kRefused);
  EXPECT_EQ(answer.reason.code, "NOT_ACCEPTED");
  EXPECT_EQ(pacs.Requests(), 0) << "and nothing is asked about it";
}

TEST_F(SendResultTest, WhoBreaksOffHasNotTakenTheResult) {
  TestPacs pacs;
  pacs.breaks_off = true;
  const SendAnswer answer = Send(Order(pacs, 3));
  EXPECT_EQ(answer.end, SendEnd::kRefused);
  EXPECT_EQ(answer.reason.code, "BROKEN_OFF");
  EXPECT_EQ(answer.objects.at(0).status, 0);
  EXPECT_FALSE(answer.objects.at(1).status.has_value());
}

TEST_F(SendResultTest, AReportOnTheSameAssociationIsPutIntoTheSpool) {
  const TestPacs pacs(Reports::kSameAssociation);
  SendOrder order = Order(pacs);
  order.transaction_uid = "2.25.17";
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), (std::vector<CommitmentReport>{{"2.25.17", {"1.2.3.4.1", "1.2.3.4.2"}}}));
}

TEST_F(SendResultTest, AReportSaysWhatIsNotKept) {
  TestPacs pacs(Reports::kSameAssociation);
  pacs.keeps_all = false;
  SendOrder order = Order(pacs);
  order.transaction_uid = "2.25.17";
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), (std::vector<CommitmentReport>{{"2.25.17", {"1.2.3.4.2"}}}));
}

TEST_F(SendResultTest, WhatItHasAlreadyIsOnlyAskedFor) {
  const TestPacs pacs(Reports::kNever);
  SendOrder order = Order(pacs);
  order.transaction_uid = "2.25.17";
  order.is_stored = true;
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_TRUE(pacs.Stored().empty());
  EXPECT_EQ(pacs.Requests(), 1);
  EXPECT_TRUE(ReportsInSpool().empty());
}

TEST_F(SendResultTest, APeerWithoutCommitmentIsTold) {
  const TestPacs pacs;
  SendOrder order = Order(pacs);
  order.transaction_uid = "2.25.17";
  const SendAnswer answer = Send(order);
  EXPECT_EQ(answer.end, SendEnd::kUnasked);
  EXPECT_EQ(answer.reason.code, "COMMITMENT_NOT_ACCEPTED");
  EXPECT_EQ(pacs.Stored().size(), 2U) << "it stored them all the same";
}

}  // namespace
}  // namespace dinsd
