#include "daemon/messages/sender_messages.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "daemon/messages/checked_fields.h"
#include "daemon/messages/message_fields.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::size_t kMostFiles = 10'000;
constexpr std::array<std::string_view, 6> kEnds = {"handed-back", "unreached", "refused",
                                                   "unasked",     "stored",    "wrong-result"};

constexpr std::array<std::string_view, 3> kConfirmations = {"commitment", "query", "either"};

template <typename Enum, std::size_t N>
Enum FromWord(const std::array<std::string_view, N>& words, const std::string& word, const char* what) {
  const auto* const found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) throw MessageError(std::string(what) + " is an unknown word");
  return static_cast<Enum>(found - words.begin());
}

json KeyJson(const OutboxKey& key, std::int64_t attempt) {
  return {{"job", static_cast<std::int64_t>(key.job)},
          {"revision", key.revision},
          {"destination", key.destination},
          {"attempt", attempt}};
}

OutboxKey KeyFrom(MessageFields& fields) {
  OutboxKey key;
  key.job = JobId{fields.Integer("job", 1, INT64_MAX)};
  key.revision = fields.Integer("revision", 1, INT64_MAX);
  key.destination = fields.String("destination", 64);
  return key;
}

OutgoingFile FileFrom(const json& object) {
  MessageFields fields(object, "file");
  OutgoingFile file;
  file.name = fields.String("name", 255);
  file.sha256 = DigestField(fields, "sha256");
  fields.Done();
  return file;
}

json ObjectJson(const OutboxObject& object) {
  json text = {{"file", object.file}, {"sop_instance", object.sop_instance}};
  if (object.status) text["status"] = *object.status;
  return text;
}

OutboxObject ObjectFrom(const json& object) {
  MessageFields fields(object, "object");
  OutboxObject found;
  found.file = fields.String("file", 255);
  found.sop_instance = UidField(fields, "sop_instance");
  if (fields.Has("status")) found.status = static_cast<int>(fields.Integer("status", 0, 0xFFFF));
  fields.Done();
  return found;
}

}  // namespace

std::string OrderName(const OutboxKey& key, std::int64_t attempt) {
  return std::to_string(static_cast<std::int64_t>(key.job)) + "-" + std::to_string(key.revision) + "-" +
         std::to_string(attempt) + "-" + key.destination;
}

std::string SendOrderText(const SendOrder& order) {
  json text = KeyJson(order.key, order.attempt);
  json files = json::array();
  for (const OutgoingFile& file : order.files) files.push_back({{"name", file.name}, {"sha256", file.sha256}});
  text.update({{"peer", PeerToJson(order.peer)},
               {"is_stored", order.is_stored},
               {"transaction_uid", order.transaction_uid},
               {"confirm_by", kConfirmations.at(static_cast<std::size_t>(order.confirm_by))},
               {"files", files}});
  return MessageText("send", text);
}

SendOrder ParseSendOrder(const std::string& text) {
  const json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "send");
  SendOrder order;
  order.key = KeyFrom(fields);
  order.attempt = fields.Integer("attempt", 1, INT64_MAX);
  order.peer = PeerFromJson(fields.Object("peer"));
  order.is_stored = fields.Boolean("is_stored");
  order.transaction_uid = UidField(fields, "transaction_uid", true);
  order.confirm_by = FromWord<ConfirmBy>(kConfirmations, fields.String("confirm_by", 32), "confirm_by");
  for (const json& file : fields.List("files", kMostFiles)) order.files.push_back(FileFrom(file));
  fields.Done();
  return order;
}

std::string SendAnswerText(const SendAnswer& answer) {
  json text = KeyJson(answer.key, answer.attempt);
  json objects = json::array();
  for (const OutboxObject& object : answer.objects) objects.push_back(ObjectJson(object));
  text.update({{"end", kEnds.at(static_cast<std::size_t>(answer.end))},
               {"code", answer.reason.code},
               {"sentence", answer.reason.sentence},
               {"objects", objects}});
  return MessageText("sent", text);
}

SendAnswer ParseSendAnswer(const std::string& text) {
  const json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "sent");
  SendAnswer answer;
  answer.key = KeyFrom(fields);
  answer.attempt = fields.Integer("attempt", 1, INT64_MAX);
  answer.end = FromWord<SendEnd>(kEnds, fields.String("end", 32), "end");
  answer.reason.code = fields.String("code", 64);
  answer.reason.sentence = fields.String("sentence", 1000);
  for (const json& object : fields.List("objects", kMostFiles)) answer.objects.push_back(ObjectFrom(object));
  fields.Done();
  return answer;
}

std::string CommitmentReportText(const CommitmentReport& report) {
  return MessageText(
      "commitment",
      {{"transaction_uid", report.transaction_uid}, {"kept", report.kept}, {"is_by_query", report.is_by_query}});
}

CommitmentReport ParseCommitmentReport(const std::string& text) {
  const json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "commitment");
  CommitmentReport report;
  report.transaction_uid = UidField(fields, "transaction_uid");
  report.kept = fields.Strings("kept", kMostFiles);
  report.is_by_query = fields.Boolean("is_by_query");
  fields.Done();
  if (!std::all_of(report.kept.begin(), report.kept.end(), IsUid)) throw MessageError("kept holds no UID");
  return report;
}

}  // namespace dinsd
