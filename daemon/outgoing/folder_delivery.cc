#include "daemon/outgoing/folder_delivery.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30U;

std::string FolderName(const OutboxKey& key) {
  return std::to_string(static_cast<std::int64_t>(key.job)) + "-r" + std::to_string(key.revision);
}

bool HasAll(const fs::path& folder, const std::vector<OutgoingFile>& files) {
  return std::all_of(files.begin(), files.end(), [&](const OutgoingFile& file) {
    try {
      return Sha256Hex(ReadFileBytes(folder, file.name, kMostBytes)) == file.sha256;
    } catch (const InputError&) {
      return false;
    }
  });
}

// False where a file is not what was published.
bool WriteAll(const fs::path& draft, const std::vector<OutgoingFile>& files, const fs::path& result) {
  fs::remove_all(draft);
  fs::create_directory(draft);
  for (const OutgoingFile& file : files) {
    const std::vector<std::byte> bytes = ReadFileBytes(result, file.name, kMostBytes);
    if (Sha256Hex(bytes) != file.sha256) return false;
    fs::create_directories((draft / file.name).parent_path());
    WriteSynced(draft / file.name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    SyncNamesIn((draft / file.name).parent_path());
  }
  SyncNamesIn(draft);
  return true;
}

}  // namespace

SendAnswer DeliverToFolder(const OutboxKey& key, std::int64_t attempt, const std::vector<OutgoingFile>& files,
                           const fs::path& result, const fs::path& destination) {
  const fs::path place = destination / FolderName(key);
  const fs::path draft = destination / std::string(".").append(FolderName(key));
  const auto ended = [&](SendEnd end, const std::string& code, const std::string& sentence) {
    std::error_code ignored;
    fs::remove_all(draft, ignored);
    return SendAnswer{key, attempt, end, {code, "", "", sentence}, {}};
  };
  try {
    if (!WriteAll(draft, files, result)) return ended(SendEnd::kWrongResult, "RESULT_CHANGED", "a digest differs");
    const bool is_taken = fs::exists(fs::symlink_status(place));
    if (is_taken && !HasAll(place, files))
      return ended(SendEnd::kRefused, "IN_THE_WAY", "something else lies in " + place.string());
    if (!is_taken) RenameFolderOnce(draft, place);
    return ended(SendEnd::kStored, "", "");
  } catch (const InputError&) {
    return ended(SendEnd::kWrongResult, "RESULT_AWAY", "a file of the result is gone");
  } catch (const std::system_error& error) {
    return ended(SendEnd::kUnreached, "NOT_REACHED", error.what());
  }
}

}  // namespace dinsd
