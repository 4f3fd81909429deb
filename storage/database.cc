#include "storage/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "storage/database_header.h"
#include "storage/storage_error.h"

namespace dinsd {
namespace {

// SQLite would make the file as the umask says; its -wal and -shm files take the mode of the database.
void MakePrivateFile(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "database " + file.string());
  (void)::fchmod(fd, 0600);  // one that a person made readable: it holds paths, which may name patients
  ::close(fd);
}

void SyncPath(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!is_synced) throw std::system_error(error, std::generic_category(), "fsync " + path.string());
}

std::unique_ptr<FileLock> LockBeside(const std::filesystem::path& file) {
  CheckFileSystem(file.parent_path());
  auto lock = std::make_unique<FileLock>(file.string() + ".lock");
  MakePrivateFile(file);
  return lock;
}

StorageFailure FailureOf(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StorageFailure::kDamaged;
    case SQLITE_FULL:
      return StorageFailure::kFull;
    case SQLITE_IOERR:
      return StorageFailure::kInputOutput;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StorageFailure::kBusy;
    default:
      return StorageFailure::kOther;
  }
}

}  // namespace

void Database::Closer::operator()(sqlite3* connection) const {
  if (checkpoints) sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_close_v2(connection);
}

Database::Database(const std::filesystem::path& file, std::unique_ptr<FileLock> lock, int flags)
    : file_(file),
      lock_(std::move(lock)),
      connection_(nullptr, Closer{false}),
      statements_(std::make_unique<StatementCache>()) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &connection, flags | SQLITE_OPEN_NOFOLLOW, nullptr);
  connection_.reset(connection);
  if (code != SQLITE_OK) Fail(code, "opening");
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, 5000);
  sqlite3_wal_autocheckpoint(connection, 0);
}

Database::Database(const std::filesystem::path& file, std::span<const Migration> migrations)
    : Database(file, LockBeside(file), SQLITE_OPEN_READWRITE) {
  CheckIdentity(migrations.back().version);
  Configure();
  CheckIntegrity();
  Migrate(migrations);
  connection_.get_deleter().checkpoints = true;
}

Database Database::OpenReadOnly(const std::filesystem::path& file) {
  Database database(file, nullptr, SQLITE_OPEN_READONLY);
  sqlite3_db_config(database.connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  database.RunScript("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;");
  return database;
}

Database::Database(Database&& other) noexcept = default;

Database::~Database() = default;

void Database::Configure() {
  RunScript(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
      "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA journal_size_limit=67108864;");
}

// Before anything is written: a file that is not ours, or too new for us, stays as it is.
void Database::CheckIdentity(int newest) {
  const std::int64_t application = Number("PRAGMA application_id").value_or(0);
  const std::int64_t version = Number("PRAGMA user_version").value_or(0);
  const bool is_new = Number("SELECT count(*) FROM sqlite_schema") == 0 && application == 0 && version == 0;
  dinsd::CheckIdentity(file_, {is_new, application, version}, newest);
}

void Database::CheckIntegrity() {
  Statement check = Prepare("PRAGMA integrity_check(1)");
  const std::string verdict = check.Step() ? check.Text(0) : "no answer";
  if (verdict != "ok") {
    throw StorageError(
        StorageFailure::kDamaged,
        file_.string() + " is damaged (" + verdict +
            "): move it aside with its -wal and -shm files and start again; results and studies are found "
            "again from their folders");
  }
}

void Database::Migrate(std::span<const Migration> migrations) {
  const std::int64_t found = Number("PRAGMA user_version").value_or(0);
  if (found > 0 && found < migrations.back().version) BackUp(file_.string() + ".before-v" + std::to_string(found + 1));
  for (const Migration& migration : migrations) {
    if (migration.version <= found) continue;
    Transaction transaction(*this);
    RunScript(migration.sql);
    RunScript("PRAGMA application_id=" + std::to_string(kApplicationId) +
              "; PRAGMA user_version=" + std::to_string(migration.version));
    transaction.Commit();
  }
}

Statement Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = statements_->Take(sql);
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) Fail(code, sql);
  }
  return {*this, *statements_, sql, statement};
}

void Database::RunScript(const std::string& sql) {
  const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) Fail(code, "a script");
}

std::int64_t Database::Changes() const {
  return sqlite3_changes64(connection_.get());
}
std::int64_t Database::LastInsertedId() const {
  return sqlite3_last_insert_rowid(connection_.get());
}
std::string Database::LibraryVersion() {
  return sqlite3_libversion();
}

void Database::KeepBallast(std::int64_t bytes) {
  ballast_ = std::make_unique<Ballast>(file_.string() + ".ballast", bytes);
}

void Database::Checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  // Busy: a reader still looks at an old state; the next idle moment will do.
  if (code != SQLITE_OK && code != SQLITE_BUSY) Fail(code, "checkpoint");
  if (ballast_) ballast_->Restore();
}

void Database::BackUp(const std::filesystem::path& file) {
  const std::filesystem::path partial = file.string() + ".partial";
  std::filesystem::remove(partial);
  MakePrivateFile(partial);
  Run("VACUUM INTO ?", partial.string());
  SyncPath(partial);
  std::filesystem::rename(partial, file);
  SyncPath(file.parent_path());
}

void Database::Fail(int code, std::string_view doing) const {
  const std::string reason = connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code);
  if (FailureOf(code) == StorageFailure::kFull && ballast_) ballast_->Release();
  throw StorageError(FailureOf(code), file_.string() + ": " + reason + " (" + std::to_string(code) +
                                          ") in: " + std::string(doing.substr(0, 120)));
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.Run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // SQLite rolls back by itself after some errors; a second rollback then fails and changes nothing.
  if (is_open_) sqlite3_exec(database_.connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::Commit() {
  database_.Run("COMMIT");
  is_open_ = false;
}

std::filesystem::path MoveDamagedAside(const std::filesystem::path& file) {
  const FileLock lock(file.string() + ".lock");
  const std::string suffix = ".damaged-" + std::to_string(std::time(nullptr));
  for (const char* part : {"", "-wal", "-shm"}) {
    const std::filesystem::path from = file.string() + part;
    if (std::filesystem::exists(from)) std::filesystem::rename(from, file.string() + suffix + part);
  }
  SyncPath(file.parent_path());
  return file.string() + suffix;
}

}  // namespace dinsd
