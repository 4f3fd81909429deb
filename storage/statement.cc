#include "storage/statement.h"

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

#include "storage/database.h"

namespace dinsd {

StatementCache::~StatementCache() {
  for (const auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
}

sqlite3_stmt* StatementCache::Take(std::string_view sql) {
  const auto found = idle_.find(sql);
  if (found == idle_.end() || found->second.empty()) return nullptr;
  sqlite3_stmt* statement = found->second.back();
  found->second.pop_back();
  return statement;
}

void StatementCache::GiveBack(std::string_view sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  idle_[std::string(sql)].push_back(statement);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      cache_(other.cache_),
      sql_(std::move(other.sql_)),
      statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
  if (statement_ != nullptr) cache_->GiveBack(sql_, statement_);
}

bool Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    sqlite3_reset(statement_);
    database_->Fail(code, sql_);
  }
  return false;
}

void Statement::CheckCount(std::size_t count) const {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement_)) != count)
    throw std::logic_error(std::to_string(count) + " values for: " + sql_);
}

void Statement::BindNull(int index) {
  sqlite3_bind_null(statement_, index);
}
void Statement::BindInteger(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
}
void Statement::BindReal(int index, double value) {
  sqlite3_bind_double(statement_, index, value);
}

void Statement::BindText(int index, std::string_view value) {
  const int code = sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) database_->Fail(code, sql_);
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::Real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

std::optional<std::int64_t> Statement::OptionalInteger(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Integer(column));
}

std::optional<double> Statement::OptionalReal(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Real(column));
}

std::optional<std::string> Statement::OptionalText(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Text(column));
}

}  // namespace dinsd
