#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/ballast.h"
#include "storage/file_lock.h"
#include "storage/migrations.h"
#include "storage/statement.h"

struct sqlite3;

namespace dinsd {

/// The queue's SQLite file. The daemon has the one connection that writes, on one thread, and only it checkpoints:
/// SQLite before 3.51.3 can lose pages when two connections checkpoint and commit at the same moment. A lock file
/// beside the database keeps a second daemon out. Settings: WAL, synchronous=FULL, foreign keys, untrusted schema, cell
/// checks. The file holds paths of studies, which may name patients: mode 0600, and nothing of it belongs into a log.
/// Not thread-safe. No process may fork without exec while it is open.
class Database {
 public:
  /// Opens for writing, makes the file if there is none, checks all of it and brings it to the newest version (with a
  /// copy of the old one beside it). Throws StorageError; its folder must exist.
  explicit Database(const std::filesystem::path& file, std::span<const Migration> migrations = Migrations());

  /// Opens for reading beside a running daemon: changes no byte of the file or its write-ahead log.
  [[nodiscard]] static Database OpenReadOnly(const std::filesystem::path& file);

  Database(Database&& other) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The writing connection checkpoints and removes the write-ahead log.
  ~Database();

  /// The statement of `sql`, prepared once and kept.
  [[nodiscard]] Statement Prepare(std::string_view sql);

  /// Runs one statement with its values; returns how many rows it changed.
  template <typename... Values>
  std::int64_t Run(std::string_view sql, const Values&... values) {
    Statement statement = Prepare(sql);
    statement.Bind(values...);
    while (statement.Step()) {
    }
    return Changes();
  }

  /// The first value of the first row, nothing without a row (or with NULL).
  template <typename... Values>
  [[nodiscard]] std::optional<std::int64_t> Number(std::string_view sql, const Values&... values) {
    Statement statement = Prepare(sql);
    statement.Bind(values...);
    if (!statement.Step()) return std::nullopt;
    return statement.OptionalInteger(0);
  }

  /// Runs several statements without values.
  void RunScript(const std::string& sql);

  [[nodiscard]] std::int64_t LastInsertedId() const;

  /// From now on keeps `bytes` of the disk in reserve (`<file>.ballast`). A call that finds the disk full fails with
  /// kFull as before, but lets the reserve go, so that what comes next can be written: that a job failed, say.
  /// Checkpoint takes it again.
  void KeepBallast(std::int64_t bytes);

  /// Moves the write-ahead log into the database; to be called when idle.
  void Checkpoint();

  /// Writes a whole copy, which is in `file` under its name only when it is complete and on disk.
  void BackUp(const std::filesystem::path& file);

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// SQLite's own version, for the log.
  [[nodiscard]] static std::string LibraryVersion();

 private:
  friend class Statement;
  friend class Transaction;
  struct Closer {
    bool checkpoints;
    void operator()(sqlite3* connection) const;
  };

  Database(const std::filesystem::path& file, std::unique_ptr<FileLock> lock, int flags);
  void Configure();
  void CheckIdentity(int newest_version);
  void CheckIntegrity();
  void Migrate(std::span<const Migration> migrations);
  [[nodiscard]] std::int64_t Changes() const;
  [[noreturn]] void Fail(int code, std::string_view doing) const;

  std::filesystem::path file_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Ballast> ballast_;
  std::unique_ptr<sqlite3, Closer> connection_;
  std::unique_ptr<StatementCache> statements_;
};

/// `BEGIN IMMEDIATE` ... `COMMIT`: rolled back unless Commit() was called, also while an exception passes.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  void Commit();

 private:
  Database& database_;
  bool is_open_ = true;
};

/// Puts a damaged database out of the way, with its log files: `<file>.damaged-<seconds since 1970>`. The daemon then
/// starts an empty one and finds results again by JobQueue::Restore and the rescan. Returns the new name. The database
/// must not be open.
std::filesystem::path MoveDamagedAside(const std::filesystem::path& file);

}  // namespace dinsd
