#include "daemon/outgoing/outgoing_spool.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/write/synced_file.h"
#include "storage/clock.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostObjectBytes = std::uint64_t{2} << 30U;
constexpr std::uint64_t kMostLetterBytes = std::uint64_t{16} << 20U;

// Whole or absent, under its name.
void PutLetter(const fs::path& folder, const std::string& name, const std::string& text) {
  const fs::path part = folder / (name + ".part");
  fs::remove(part);
  WriteSynced(part, text);
  fs::rename(part, folder / (name + ".json"));
  SyncNamesIn(folder);
}

std::string_view TextOf(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void OutgoingSpool::Make() const {
  for (const char* part : {"orders", "answers", "reports", "questions", "counts"})
    fs::create_directories(folder_ / part);
}

bool OutgoingSpool::Put(const SendOrder& order, const fs::path& result) const {
  const std::string name = OrderName(order.key, order.attempt);
  const fs::path draft = folder_ / "orders" / std::string(".").append(name);
  fs::remove_all(draft);
  fs::create_directory(draft);
  for (std::size_t i = 0; i < order.files.size(); ++i) {
    const std::vector<std::byte> bytes = ReadFileBytes(result, order.files[i].name, kMostObjectBytes);
    if (Sha256Hex(bytes) != order.files[i].sha256) {
      fs::remove_all(draft);
      return false;
    }
    WriteSynced(draft / (std::to_string(i) + ".dcm"), TextOf(bytes));
  }
  WriteSynced(draft / "order.json", SendOrderText(order));
  SyncNamesIn(draft);
  fs::remove_all(OrderFolder(name));
  RenameFolderOnce(draft, OrderFolder(name));
  return true;
}

bool OutgoingSpool::HasOrder(const std::string& name) const {
  std::error_code failed;
  return fs::exists(OrderFolder(name), failed);
}

bool OutgoingSpool::HasAnswer(const std::string& name) const {
  std::error_code failed;
  return fs::exists(folder_ / "answers" / (name + ".json"), failed);
}

std::vector<std::string> OutgoingSpool::Orders() const {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(folder_ / "orders", failed), end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename();
    if (name.front() != '.') names.push_back(name);
  }
  return names;
}

void OutgoingSpool::Remove(const std::string& name) const {
  std::error_code ignored;  // what stays belongs to an attempt that counts no more
  fs::remove_all(OrderFolder(name), ignored);
  fs::remove(folder_ / "answers" / (name + ".json"), ignored);
}

std::vector<OutgoingSpool::Letter> OutgoingSpool::LettersIn(const fs::path& folder) {
  std::vector<Letter> letters;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().extension() != ".json") continue;  // one that is being written
    try {
      const std::string name = at->path().filename();
      letters.push_back({at->path(), std::string(TextOf(ReadFileBytes(folder, name, kMostLetterBytes)))});
    } catch (const InputError&) {
      letters.push_back({at->path(), ""});
    }
  }
  return letters;
}

std::vector<OutgoingSpool::Letter> OutgoingSpool::Answers() const {
  return LettersIn(folder_ / "answers");
}

std::vector<OutgoingSpool::Letter> OutgoingSpool::Reports() const {
  return LettersIn(folder_ / "reports");
}

std::vector<OutgoingSpool::Letter> OutgoingSpool::Questions() const {
  return LettersIn(folder_ / "questions");
}

std::vector<OutgoingSpool::Letter> OutgoingSpool::Counts() const {
  return LettersIn(folder_ / "counts");
}

bool OutgoingSpool::HasCount(const std::string& name) const {
  std::error_code failed;
  return fs::exists(folder_ / "counts" / (name + ".json"), failed);
}

void OutgoingSpool::Ask(const std::string& name, const std::string& text) const {
  PutLetter(folder_ / "questions", name, text);
}

// The question first: without it there is nothing that could be answered again.
void OutgoingSpool::RemoveQuestion(const std::string& name) const {
  std::error_code ignored;
  fs::remove(folder_ / "questions" / (name + ".json"), ignored);
  fs::remove(folder_ / "counts" / (name + ".json"), ignored);
}

void OutgoingSpool::Count(const std::string& name, const std::string& text) const {
  PutLetter(folder_ / "counts", name, text);
}

void OutgoingSpool::Answer(const std::string& name, const std::string& text) const {
  PutLetter(folder_ / "answers", name, text);
}

void OutgoingSpool::Report(const std::string& text) const {
  const RandomBits random = SystemRandom();
  const std::string name = std::to_string(random()) + "-" + std::to_string(random());
  PutLetter(folder_ / "reports", name, text);
}

}  // namespace dinsd
