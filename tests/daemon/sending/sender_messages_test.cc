#include "daemon/messages/sender_messages.h"

#include <gtest/gtest.h>

#include <regex>

#include "daemon/messages/count_messages.h"
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

CountQuestion Question() {
  return {"pacs", Order().peer, "1.2.3"};
}

TEST(CountMessages, AreReadBack) {
  EXPECT_EQ(ParseCountQuestion(CountQuestionText(Question())), Question());
  EXPECT_EQ(ParseCountAnswer(CountAnswerText({417, {}})).instances, 417);
  const CountAnswer none = ParseCountAnswer(CountAnswerText({std::nullopt, {"NO_NUMBER", "", "", "words"}}));
  EXPECT_EQ(none.instances, std::nullopt);
  EXPECT_EQ(none.reason.code, "NO_NUMBER");
  EXPECT_EQ(none.reason.sentence, "words");
}

TEST(CountMessages, WhatDoesNotKeepToTheProtocolIsRefused) {
  const std::string question = CountQuestionText(Question());
  for (const auto& [what, instead] : {std::pair("\"1.2.3\"", "\"1.2.x\""),
                                      {"\"1.2.3\"", "\"\""},
                                      {"\"port\":104", "\"port\":70000"},
                                      {"\"peer\"", "\"pear\""}}) {
    const std::string broken = std::regex_replace(question, std::regex(what), instead);
    ASSERT_NE(broken, question) << what;
    EXPECT_THROW((void)ParseCountQuestion(broken), MessageError) << what;
  }
  const std::string answer = CountAnswerText({417, {}});
  EXPECT_THROW((void)ParseCountAnswer(std::regex_replace(answer, std::regex("417"), "-1")), MessageError);
  EXPECT_THROW((void)ParseCountAnswer(question), MessageError);
  EXPECT_THROW((void)ParseCountAnswer(""), MessageError);
}

}  // namespace
}  // namespace dinsd
