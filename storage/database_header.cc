#include "storage/database_header.h"

#include <array>
#include <fstream>
#include <string>
#include <string_view>

#include "storage/storage_error.h"

namespace dinsd {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "SQLite format 3\0"sv;
constexpr std::size_t kUserVersion = 60, kApplication = 68;  // big-endian
constexpr std::size_t kPageType = 100, kCells = 103;         // of the first page, which has the schema
constexpr std::size_t kHeaderBytes = 105;
constexpr unsigned char kLeafPage = 13;

using Bytes = std::array<unsigned char, kHeaderBytes>;

std::int64_t BigEndian(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8U | bytes.at(i);
  return static_cast<std::int32_t>(value);
}

}  // namespace

std::optional<DatabaseHeader> ReadDatabaseHeader(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  Bytes bytes{};
  in.read(reinterpret_cast<char*>(bytes.data()), bytes.size());
  if (in.gcount() == 0 && !in.bad()) return DatabaseHeader{.is_new = true};
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(in.gcount()));
  if (text.size() < kHeaderBytes || !text.starts_with(kMagic))
    throw StorageError(StorageFailure::kDamaged, file.string() + " is damaged: it is no SQLite file");
  const bool is_empty = bytes[kPageType] == kLeafPage && bytes[kCells] == 0 && bytes[kCells + 1] == 0;
  DatabaseHeader header{false, BigEndian(bytes, kApplication), BigEndian(bytes, kUserVersion)};
  header.is_new = is_empty && header.application == 0 && header.version == 0;
  return header;
}

void CheckIdentity(const std::filesystem::path& file, const DatabaseHeader& header, std::int64_t newest) {
  if (!header.is_new && header.application != kApplicationId) {
    throw StorageError(StorageFailure::kForeignFile,
                       file.string() + " is a database of another program: set state_dir to another folder");
  }
  if (header.version > newest) {
    throw StorageError(StorageFailure::kNewerVersion,
                       file.string() + " has version " + std::to_string(header.version) + ", this dinsd knows up to " +
                           std::to_string(newest) +
                           ": start the newer dinsd, or restore the copy made before the change");
  }
}

}  // namespace dinsd
