#include "storage/file_digests.h"

namespace dinsd {
namespace {

constexpr std::string_view kThisFile = " WHERE source = ? AND device = ? AND inode = ? AND size = ? AND mtime_ns = ?";

}  // namespace

std::optional<std::string> FileDigests::Find(const FileIdentity& file) {
  Statement statement = database_.Prepare("SELECT sha256 FROM file_digest" + std::string(kThisFile));
  statement.Bind(file.source, file.device, file.inode, file.size, file.mtime_ns);
  return statement.Step() ? std::optional(statement.Text(0)) : std::nullopt;
}

void FileDigests::Remember(const FileIdentity& file, const std::string& sha256) {
  database_.Run(
      "INSERT OR REPLACE INTO file_digest (source, device, inode, size, mtime_ns, sha256, seen_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      file.source, file.device, file.inode, file.size, file.mtime_ns, sha256, clock_.WallNow());
}

void FileDigests::Forget(const FileIdentity& file) {
  database_.Run("DELETE FROM file_digest" + std::string(kThisFile), file.source, file.device, file.inode, file.size,
                file.mtime_ns);
}

std::int64_t FileDigests::Prune(std::chrono::days age, std::int64_t batch) {
  return database_.Run(
      "DELETE FROM file_digest WHERE rowid IN (SELECT rowid FROM file_digest WHERE seen_at < ? LIMIT ?)",
      clock_.WallNow() - age, batch);
}

}  // namespace dinsd
