#include "daemon/receiver/send_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/sending/send_kit.h"
#include "tests/daemon/sending/test_pacs.h"

// One order against a PACS of the test's own.

namespace dinsd {
namespace {

using testing::HasSubstr;
using Reports = TestPacs::Reports;

class SendResultTest : public testing::Test, protected SendKit {};

TEST_F(SendResultTest, SendsEveryObjectAndTellsEachAnswer) {
  const TestPacs pacs;
  const SendAnswer answer = Send(Order(pacs.port()));
  EXPECT_EQ(answer.end, SendEnd::kStored) << answer.reason.sentence;
  EXPECT_EQ(answer.key, (OutboxKey{JobId{7}, 2, "pacs"}));
  EXPECT_EQ(answer.attempt, 3);
  EXPECT_EQ(answer.objects, (std::vector<OutboxObject>{{"dicom/0.dcm", "1.2.3.4.1", 0, false},
                                                       {"dicom/1.dcm", "1.2.3.4.2", 0, false}}));
  EXPECT_EQ(pacs.Stored(), (std::map<std::string, int>{{"1.2.3.4.1", 1}, {"1.2.3.4.2", 1}}));
}

TEST_F(SendResultTest, NothingLeavesWhereADigestDiffers) {
  const TestPacs pacs;
  SendOrder order = Order(pacs.port());
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
    order = Order(pacs.port());
    order.peer.called_ae_title = "OTHER";
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
  const SendAnswer answer = Send(Order(pacs.port()));
  EXPECT_EQ(answer.end, SendEnd::kRefused);
  EXPECT_EQ(answer.objects.at(1).status, 0xA700);
  EXPECT_THAT(answer.reason.sentence, HasSubstr("dicom/0.dcm was answered 0xA700"));
}

TEST_F(SendResultTest, AWarningMeansThatItIsStored) {
  TestPacs pacs;
  pacs.status = 0xB000;
  EXPECT_EQ(Send(Order(pacs.port())).end, SendEnd::kStored);
}

TEST_F(SendResultTest, ASopClassThatIsNotTakenIsARefusal) {
  const TestPacs pacs(Reports::kNever);
  SendOrder order =
      Order(pacs.port(), 2, [](DcmDataset& data) { Put(data, DCM_SOPClassUID, UID_SegmentationStorage); });
  order.transaction_uid = "2.25.17";  // which it takes
  const SendAnswer answer = Send(order);
  EXPECT_EQ(answer.end, SendEnd::kRefused);
  EXPECT_EQ(answer.reason.code, "NOT_ACCEPTED");
  EXPECT_EQ(pacs.Requests(), 0) << "and nothing is asked about it";
}

TEST_F(SendResultTest, WhoBreaksOffHasNotTakenTheResult) {
  TestPacs pacs;
  pacs.breaks_off = true;
  const SendAnswer answer = Send(Order(pacs.port(), 3));
  EXPECT_EQ(answer.end, SendEnd::kRefused);
  EXPECT_EQ(answer.reason.code, "BROKEN_OFF");
  EXPECT_EQ(answer.objects.at(0).status, 0);
  EXPECT_FALSE(answer.objects.at(1).status.has_value());
}

TEST_F(SendResultTest, AReportOnTheSameAssociationIsPutIntoTheSpool) {
  const TestPacs pacs(Reports::kSameAssociation);
  SendOrder order = Order(pacs.port());
  order.transaction_uid = "2.25.17";
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), (std::vector<CommitmentReport>{{"2.25.17", {"1.2.3.4.1", "1.2.3.4.2"}}}));
}

TEST_F(SendResultTest, AReportSaysWhatIsNotKept) {
  TestPacs pacs(Reports::kSameAssociation);
  pacs.keeps_all = false;
  SendOrder order = Order(pacs.port());
  order.transaction_uid = "2.25.17";
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), (std::vector<CommitmentReport>{{"2.25.17", {"1.2.3.4.2"}}}));
}

TEST_F(SendResultTest, WhatItHasAlreadyIsOnlyAskedFor) {
  const TestPacs pacs(Reports::kNever);
  SendOrder order = Order(pacs.port());
  order.transaction_uid = "2.25.17";
  order.is_stored = true;
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_TRUE(pacs.Stored().empty());
  EXPECT_EQ(pacs.Requests(), 1);
  EXPECT_TRUE(ReportsInSpool().empty());
}

TEST_F(SendResultTest, APeerWithoutCommitmentIsTold) {
  const TestPacs pacs;
  SendOrder order = Order(pacs.port());
  order.transaction_uid = "2.25.17";
  const SendAnswer answer = Send(order);
  EXPECT_EQ(answer.end, SendEnd::kUnasked);
  EXPECT_EQ(answer.reason.code, "COMMITMENT_NOT_ACCEPTED");
  EXPECT_EQ(pacs.Stored().size(), 2U) << "it stored them all the same";
}

class QueryTest : public SendResultTest {
 protected:
  SendOrder Asking(const TestPacs& pacs, ConfirmBy by = ConfirmBy::kQuery) {
    SendOrder order = Order(pacs.port());
    order.transaction_uid = "2.25.17";
    order.confirm_by = by;
    return order;
  }

  const std::vector<CommitmentReport> kFound = {{"2.25.17", {"1.2.3.4.1", "1.2.3.4.2"}, true}};
};

TEST_F(QueryTest, WhatAPeerFindsIsPutIntoTheSpool) {
  const TestPacs pacs(Reports::kNotTaken, {UID_MRImageStorage}, true);
  EXPECT_EQ(Send(Asking(pacs)).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), kFound);
}

TEST_F(QueryTest, IsAskedWhereThePeerTakesNoCommitmentAlone) {
  const TestPacs without(Reports::kNotTaken, {UID_MRImageStorage}, true);
  EXPECT_EQ(Send(Asking(without, ConfirmBy::kEither)).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), kFound);
  const TestPacs with(Reports::kNever, {UID_MRImageStorage}, true);
  EXPECT_EQ(Send(Asking(with, ConfirmBy::kEither)).end, SendEnd::kStored);
  EXPECT_EQ(with.Requests(), 1);
  EXPECT_EQ(ReportsInSpool(), kFound) << "no second one";
}

TEST_F(QueryTest, WhatIsNotFoundYetIsAskedForAgainAndThenSentAgain) {
  TestPacs pacs(Reports::kNotTaken, {UID_MRImageStorage}, true);
  pacs.finds_what_it_has = false;
  SendOrder order = Asking(pacs);
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_TRUE(ReportsInSpool().empty()) << "it may be slow";
  order.is_stored = true;
  EXPECT_EQ(Send(order).end, SendEnd::kStored);
  EXPECT_EQ(ReportsInSpool(), (std::vector<CommitmentReport>{{"2.25.17", {}, true}}));
}

TEST_F(QueryTest, APeerThatAnswersNoneIsTold) {
  const TestPacs mute;
  SendAnswer answer = Send(Asking(mute, ConfirmBy::kEither));
  EXPECT_EQ(answer.end, SendEnd::kUnasked);
  EXPECT_EQ(answer.reason.code, "QUERY_NOT_ACCEPTED");
  TestPacs pacs(Reports::kNotTaken, {UID_MRImageStorage}, true);
  pacs.query_status = 0xA700;
  answer = Send(Asking(pacs));
  EXPECT_EQ(answer.end, SendEnd::kUnasked);
  EXPECT_EQ(answer.reason.code, "QUERY_REFUSED");
  EXPECT_THAT(answer.reason.sentence, HasSubstr("it answered 0xA700"));
  EXPECT_TRUE(ReportsInSpool().empty());
}

}  // namespace
}  // namespace dinsd
