#include "daemon/messages/sender_messages.h"

#include <gtest/gtest.h>

#include <regex>

#include "daemon/messages/message_fields.h"

namespace dinsd {
namespace {

SendOrder Order() {
  SendOrder order{.key = {JobId{7}, 2, "pacs"},
                  .attempt = 3,
                  .peer = {.host = "10.1.2.3", .port = 104, .called_ae_title = "PACS", .calling_ae_title = "DINSD"}};
  order.peer.tls = {true, "/etc/own.crt", "/etc/own.key", "/etc/peers.crt"};
  order.transaction_uid = "2.25.17";
  order.confirm_by = ConfirmBy::kEither;
  order.files = {{"dicom/seg.dcm", std::string(64, 'a')}};
  return order;
}

TEST(SenderMessages, AreReadBack) {
  EXPECT_EQ(ParseSendOrder(SendOrderText(Order())), Order());
  const SendAnswer answer{
      Order().key, 3, SendEnd::kUnasked, {"CODE", "", "", "words"}, {{"dicom/seg.dcm", "1.2", 0xA700}}};
  const SendAnswer back = ParseSendAnswer(SendAnswerText(answer));
  EXPECT_EQ(back.key, answer.key);
  EXPECT_EQ(back.attempt, 3);
  EXPECT_EQ(back.end, SendEnd::kUnasked);
  EXPECT_EQ(back.reason.code, "CODE");
  EXPECT_EQ(back.reason.sentence, "words");
  EXPECT_EQ(back.objects, answer.objects);
  const CommitmentReport report{"2.25.17", {"1.2", "1.3"}, true};
  EXPECT_EQ(ParseCommitmentReport(CommitmentReportText(report)), report);
}

TEST(SenderMessages, AnOrderHasANameOfItsAttempt) {
  EXPECT_EQ(OrderName(Order().key, 3), "7-2-3-pacs");
}

TEST(SenderMessages, WhatDoesNotKeepToTheProtocolIsRefused) {
  const std::string order = SendOrderText(Order());
  for (const auto& [what, instead] : {std::pair("2.25.17", "2.25.x"),
                                      {"\"port\":104", "\"port\":0"},
                                      {"aaaa", "AAAA"},
                                      {"\"host\"", "\"hots\""},
                                      {"\"either\"", "\"neither\""},
                                      {"\"trusted\"", "\"others\""},
                                      {"\"attempt\":3", "\"attempt\":0"}}) {
    const std::string broken = std::regex_replace(order, std::regex(what), instead);
    ASSERT_NE(broken, order) << what;
    EXPECT_THROW((void)ParseSendOrder(broken), MessageError) << what;
  }
  EXPECT_THROW((void)ParseSendAnswer(order), MessageError);
  EXPECT_THROW((void)ParseCommitmentReport("{}"), MessageError);
  EXPECT_THROW((void)ParseCommitmentReport(""), MessageError);
  EXPECT_THROW((void)ParseCommitmentReport(CommitmentReportText({"1.2", {"../x"}})), MessageError);
}

}  // namespace
}  // namespace dinsd
