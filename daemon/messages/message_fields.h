#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {

/// A message between the parent and its children that does not keep to the protocol.
class MessageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The version of every message; a child of another version is refused.
inline constexpr int kMessageVersion = 1;

/// Takes the fields of one JSON object by name and kind. Each field must be there, have its kind and keep to its bound;
/// Done() refuses what nobody took. Throws MessageError that names message and field, never a value.
class MessageFields {
 public:
  /// `object` must outlive this. `what` names it in errors.
  MessageFields(const nlohmann::json& object, std::string what);

  [[nodiscard]] bool Has(const char* name) const { return object_.contains(name); }
  [[nodiscard]] std::string String(const char* name, std::size_t max_bytes = 4096);
  [[nodiscard]] std::int64_t Integer(const char* name, std::int64_t least, std::int64_t most);
  [[nodiscard]] double Number(const char* name, double least, double most);
  [[nodiscard]] bool Boolean(const char* name);
  [[nodiscard]] std::vector<std::string> Strings(const char* name, std::size_t max_count);
  [[nodiscard]] const nlohmann::json& Object(const char* name);
  [[nodiscard]] const nlohmann::json& List(const char* name, std::size_t max_count);

  /// Throws if a field was not taken.
  void Done() const;

 private:
  const nlohmann::json& Take(const char* name);
  [[noreturn]] void Refuse(const char* name, const std::string& why) const;

  const nlohmann::json& object_;
  std::string what_;
  std::set<std::string> taken_;
};

/// The text of a message: `fields` with its type and version.
[[nodiscard]] std::string MessageText(const char* type, nlohmann::json fields);

/// Parses a message. Throws MessageError on anything but an object of our version with a type.
[[nodiscard]] nlohmann::json ParseMessage(const std::string& text);

/// The type of a parsed message.
[[nodiscard]] std::string MessageType(const nlohmann::json& message);

/// The fields of a message of type `type`, with type and version already taken. Throws MessageError.
[[nodiscard]] MessageFields FieldsOf(const nlohmann::json& message, const char* type);

}  // namespace dinsd
