#include "daemon/messages/message_fields.h"

#include <cmath>
#include <utility>

namespace dinsd {

MessageFields::MessageFields(const nlohmann::json& object, std::string what) : object_(object), what_(std::move(what)) {
  if (!object.is_object()) throw MessageError(what_ + " is no object");
}

void MessageFields::Refuse(const char* name, const std::string& why) const {
  throw MessageError(what_ + "." + name + " " + why);
}

const nlohmann::json& MessageFields::Take(const char* name) {
  const auto field = object_.find(name);
  if (field == object_.end()) Refuse(name, "is missing");
  taken_.insert(name);
  return *field;
}

std::string MessageFields::String(const char* name, std::size_t max_bytes) {
  const nlohmann::json& field = Take(name);
  if (!field.is_string()) Refuse(name, "is no string");
  auto text = field.get<std::string>();
  if (text.size() > max_bytes) Refuse(name, "is longer than " + std::to_string(max_bytes) + " bytes");
  return text;
}

std::int64_t MessageFields::Integer(const char* name, std::int64_t least, std::int64_t most) {
  const nlohmann::json& field = Take(name);
  if (!field.is_number_integer()) Refuse(name, "is no integer");
  if (field.is_number_unsigned() && field.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    Refuse(name, "is too large");
  }
  const auto value = field.get<std::int64_t>();
  if (value < least || value > most) Refuse(name, "is out of range");
  return value;
}

double MessageFields::Number(const char* name, double least, double most) {
  const nlohmann::json& field = Take(name);
  if (!field.is_number()) Refuse(name, "is no number");
  const auto value = field.get<double>();
  if (!std::isfinite(value) || value < least || value > most) Refuse(name, "is out of range");
  return value;
}

bool MessageFields::Boolean(const char* name) {
  const nlohmann::json& field = Take(name);
  if (!field.is_boolean()) Refuse(name, "is neither true nor false");
  return field.get<bool>();
}

const nlohmann::json& MessageFields::List(const char* name, std::size_t max_count) {
  const nlohmann::json& field = Take(name);
  if (!field.is_array()) Refuse(name, "is no list");
  if (field.size() > max_count) Refuse(name, "has more than " + std::to_string(max_count) + " entries");
  return field;
}

std::vector<std::string> MessageFields::Strings(const char* name, std::size_t max_count) {
  const nlohmann::json& field = List(name, max_count);
  for (const nlohmann::json& entry : field) {
    if (!entry.is_string()) Refuse(name, "holds something that is no string");
  }
  return field.get<std::vector<std::string>>();
}

const nlohmann::json& MessageFields::Object(const char* name) {
  const nlohmann::json& field = Take(name);
  if (!field.is_object()) Refuse(name, "is no object");
  return field;
}

void MessageFields::Done() const {
  for (const auto& [name, value] : object_.items()) {
    if (!taken_.contains(name)) throw MessageError(what_ + " has an unknown field");
  }
}

std::string MessageText(const char* type, nlohmann::json fields) {
  fields["type"] = type;
  fields["version"] = kMessageVersion;
  return fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json ParseMessage(const std::string& text) {
  nlohmann::json message = nlohmann::json::parse(text, nullptr, false);
  if (message.is_discarded()) throw MessageError("message is no JSON");
  MessageFields fields(message, "message");
  (void)fields.Integer("version", kMessageVersion, kMessageVersion);
  (void)fields.String("type", 32);
  return message;
}

std::string MessageType(const nlohmann::json& message) {
  return message.at("type").get<std::string>();
}

MessageFields FieldsOf(const nlohmann::json& message, const char* type) {
  MessageFields fields(message, type);
  (void)fields.Integer("version", kMessageVersion, kMessageVersion);
  if (fields.String("type", 32) != type) throw MessageError(std::string("message is no ") + type);
  return fields;
}

}  // namespace dinsd
