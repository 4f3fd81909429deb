#include "daemon/messages/count_messages.h"

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/message_fields.h"

namespace dinsd {

std::string CountQuestionText(const CountQuestion& question) {
  return MessageText(
      "count",
      {{"destination", question.destination}, {"peer", PeerToJson(question.peer)}, {"study_uid", question.study_uid}});
}

CountQuestion ParseCountQuestion(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "count");
  CountQuestion question;
  question.destination = fields.String("destination", 64);
  question.peer = PeerFromJson(fields.Object("peer"));
  question.study_uid = UidField(fields, "study_uid");
  fields.Done();
  return question;
}

std::string CountAnswerText(const CountAnswer& answer) {
  nlohmann::json fields = {{"code", answer.reason.code}, {"sentence", answer.reason.sentence}};
  if (answer.instances) fields["instances"] = *answer.instances;
  return MessageText("counted", fields);
}

CountAnswer ParseCountAnswer(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "counted");
  CountAnswer answer;
  if (fields.Has("instances")) answer.instances = fields.Integer("instances", 0, INT32_MAX);
  answer.reason.code = fields.String("code", 64);
  answer.reason.sentence = fields.String("sentence", 1000);
  fields.Done();
  return answer;
}

}  // namespace dinsd
