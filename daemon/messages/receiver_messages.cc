#include "daemon/messages/receiver_messages.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "daemon/messages/message_fields.h"
#include "daemon/messages/tls_json.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostEntries = 1000;
constexpr std::int64_t kAny = INT64_MAX;
constexpr std::array<std::string_view, 3> kWords = {"ready", "relieve", "finish"};

nlohmann::json ToJson(const ReceiverSettings& s) {
  return {{"ae_title", s.ae_title},
          {"calling_ae_titles", s.calling_ae_titles},
          {"storing_ae_titles", s.storing_ae_titles},
          {"peers", s.peers},
          {"tls", TlsToJson(s.tls)},
          {"spool_dir", s.spool_dir.string()},
          {"max_associations", s.max_associations},
          {"max_per_ae", s.max_per_ae},
          {"max_per_address", s.max_per_address},
          {"request_seconds", s.request_limit.count()},
          {"idle_seconds", s.idle_limit.count()},
          {"association_seconds", s.association_limit.count()},
          {"least_bytes_per_second", s.least_bytes_per_second},
          {"max_object_bytes", s.max_object_bytes},
          {"max_objects", s.max_objects},
          {"least_free_bytes", s.least_free_bytes},
          {"recycle_bytes", s.recycle_bytes},
          {"jpeg_2000", s.jpeg_2000},
          {"reports_dir", s.reports_dir.string()}};
}

ReceiverSettings SettingsFrom(const nlohmann::json& object) {
  MessageFields fields(object, "settings");
  const auto number = [&](const char* name) { return fields.Integer(name, 0, kAny); };
  const auto count = [&](const char* name) { return static_cast<int>(fields.Integer(name, 1, INT32_MAX)); };
  const auto seconds = [&](const char* name) { return std::chrono::seconds(fields.Integer(name, 1, INT32_MAX)); };
  ReceiverSettings s;
  s.enabled = true;
  s.ae_title = fields.String("ae_title");
  s.calling_ae_titles = fields.Strings("calling_ae_titles", kMostEntries);
  s.storing_ae_titles = fields.Strings("storing_ae_titles", kMostEntries);
  s.peers = fields.Strings("peers", kMostEntries);
  s.tls = TlsFromJson(fields.Object("tls"), "settings.tls");
  s.spool_dir = fields.String("spool_dir");
  s.max_associations = count("max_associations");
  s.max_per_ae = count("max_per_ae");
  s.max_per_address = count("max_per_address");
  s.request_limit = seconds("request_seconds");
  s.idle_limit = seconds("idle_seconds");
  s.association_limit = seconds("association_seconds");
  s.least_bytes_per_second = number("least_bytes_per_second");
  s.max_object_bytes = static_cast<std::uint64_t>(number("max_object_bytes"));
  s.max_objects = count("max_objects");
  s.least_free_bytes = static_cast<std::uint64_t>(number("least_free_bytes"));
  s.recycle_bytes = static_cast<std::uint64_t>(number("recycle_bytes"));
  s.jpeg_2000 = fields.Boolean("jpeg_2000");
  s.reports_dir = fields.String("reports_dir");
  fields.Done();
  return s;
}

}  // namespace

std::string ReceiverOrderText(const ReceiverOrder& order) {
  return MessageText("receive", {{"settings", ToJson(order.settings)},
                                 {"log_form", static_cast<int>(order.log_form)},
                                 {"least_severity", static_cast<int>(order.least_severity)}});
}

ReceiverOrder ParseReceiverOrder(const std::string& text) {
  const nlohmann::json message = ParseMessage(text);
  MessageFields fields = FieldsOf(message, "receive");
  ReceiverOrder order;
  order.settings = SettingsFrom(fields.Object("settings"));
  order.log_form = static_cast<LogForm>(fields.Integer("log_form", 0, 1));
  order.least_severity = static_cast<Severity>(fields.Integer("least_severity", 0, 4));
  fields.Done();
  return order;
}

std::string ReceiverWordText(ReceiverWord word) {
  return MessageText(kWords.at(static_cast<std::size_t>(word)).data(), nlohmann::json::object());
}

ReceiverWord ParseReceiverWord(const std::string& text) {
  const std::string type = MessageType(ParseMessage(text));
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords.at(i) == type) return static_cast<ReceiverWord>(i);
  }
  throw MessageError("message is no word between a receiver and its parent");
}

}  // namespace dinsd
