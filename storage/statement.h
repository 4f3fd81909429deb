#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

struct sqlite3_stmt;

namespace dinsd {

class Database;

/// Prepared statements that nobody uses at the moment, by their text.
class StatementCache {
 public:
  StatementCache() = default;
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;
  ~StatementCache();

  [[nodiscard]] sqlite3_stmt* Take(std::string_view sql);  // nullptr: prepare one
  void GiveBack(std::string_view sql, sqlite3_stmt* statement);

 private:
  std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;
};

/// One use of a prepared statement; goes back into the cache at its end. Texts are UTF-8; times are bound as
/// milliseconds, enumerations as their number, empty optionals as NULL.
class Statement {
 public:
  Statement(Database& database, StatementCache& cache, std::string_view sql, sqlite3_stmt* statement)
      : database_(&database), cache_(&cache), sql_(sql), statement_(statement) {}
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Binds all values, in the order of the parameters. Throws std::logic_error if their number is another.
  template <typename... Values>
  void Bind(const Values&... values) {
    CheckCount(sizeof...(values));
    int index = 0;
    (BindValue(++index, values), ...);
  }

  /// The next row; false at the end. Throws StorageError.
  bool Step();

  [[nodiscard]] std::int64_t Integer(int column) const;
  [[nodiscard]] double Real(int column) const;
  [[nodiscard]] std::string Text(int column) const;
  [[nodiscard]] std::optional<std::int64_t> OptionalInteger(int column) const;
  [[nodiscard]] std::optional<double> OptionalReal(int column) const;
  [[nodiscard]] std::optional<std::string> OptionalText(int column) const;

 private:
  void CheckCount(std::size_t count) const;
  void BindNull(int index);
  void BindInteger(int index, std::int64_t value);
  void BindReal(int index, double value);
  void BindText(int index, std::string_view value);
  [[nodiscard]] bool IsNull(int column) const;

  template <typename Value>
  void BindValue(int index, const std::optional<Value>& value) {
    if (value) {
      BindValue(index, *value);
    } else {
      BindNull(index);
    }
  }
  template <typename Clock, typename Duration>
  void BindValue(int index, const std::chrono::time_point<Clock, Duration>& value) {
    BindInteger(index, std::chrono::duration_cast<std::chrono::milliseconds>(value.time_since_epoch()).count());
  }
  template <typename Value>
  requires(std::is_integral_v<Value> || std::is_enum_v<Value>) void BindValue(int index, const Value& value) {
    BindInteger(index, static_cast<std::int64_t>(value));
  }
  void BindValue(int index, double value) { BindReal(index, value); }
  void BindValue(int index, std::string_view value) { BindText(index, value); }
  void BindValue(int index, const std::string& value) { BindText(index, value); }
  void BindValue(int index, const char* value) { BindText(index, value); }

  Database* database_;
  StatementCache* cache_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

}  // namespace dinsd
