#include "model/tensorflow_bundle.h"

#include <leveldb/env.h>
#include <leveldb/iterator.h>
#include <leveldb/options.h>
#include <leveldb/table.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "model/weights_error.h"

namespace dinsd {
namespace {

// A reader of protocol-buffer messages: fields with a number and one of three wire types.
class ProtoReader {
 public:
  enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  struct Field {
    std::uint64_t number = 0;
    WireType type = kVarint;
    std::uint64_t value = 0;  // of a varint or fixed field
    std::string_view bytes;   // of a length-delimited field
  };

  explicit ProtoReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

  Field Next() {
    const std::uint64_t tag = Varint();
    Field field{tag >> 3, static_cast<WireType>(tag & 7), 0, {}};
    switch (field.type) {
      case kVarint:
        field.value = Varint();
        break;
      case kFixed64:
        field.value = Fixed(8);
        break;
      case kFixed32:
        field.value = Fixed(4);
        break;
      case kBytes:
        field.bytes = Take(Varint());
        break;
      default:
        throw std::runtime_error("index entry is no protocol-buffer message");
    }
    return field;
  }

 private:
  std::string_view Take(std::uint64_t count) {
    if (count > rest_.size()) throw std::runtime_error("index entry is cut off");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::uint64_t Fixed(std::size_t count) {
    const std::string_view bytes = Take(count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << 8 * i;
    return value;
  }

  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(Take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    throw std::runtime_error("index entry holds a number that is too long");
  }

  std::string_view rest_;
};

std::vector<std::int64_t> ParseShape(std::string_view bytes) {
  std::vector<std::int64_t> shape;
  for (ProtoReader dims(bytes); !dims.AtEnd();) {
    const ProtoReader::Field dim = dims.Next();
    if (dim.number != 2 || dim.type != ProtoReader::kBytes) continue;
    std::int64_t size = 0;
    for (ProtoReader parts(dim.bytes); !parts.AtEnd();) {
      const ProtoReader::Field part = parts.Next();
      if (part.number == 1) size = static_cast<std::int64_t>(part.value);
    }
    shape.push_back(size);
  }
  return shape;
}

constexpr std::array<std::uint32_t, 256> MakeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    table[i] = crc;
  }
  return table;
}

}  // namespace

std::uint32_t MaskedCrc32c(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = MakeCrcTable();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  crc ^= 0xFFFFFFFFU;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

BundleEntry ParseBundleEntry(std::string_view bytes) {
  BundleEntry entry;
  for (ProtoReader fields(bytes); !fields.AtEnd();) {
    const ProtoReader::Field field = fields.Next();
    switch (field.number) {
      case 1:
        entry.dtype = static_cast<int>(field.value);
        break;
      case 2:
        entry.shape = ParseShape(field.bytes);
        break;
      case 3:
        entry.shard = static_cast<std::int64_t>(field.value);
        break;
      case 4:
        entry.offset = static_cast<std::int64_t>(field.value);
        break;
      case 5:
        entry.size = static_cast<std::int64_t>(field.value);
        break;
      case 6:
        entry.masked_crc32c = static_cast<std::uint32_t>(field.value);
        break;
      default:
        break;
    }
  }
  return entry;
}

std::map<std::string, BundleEntry> ReadBundleIndex(const std::filesystem::path& index) {
  const auto check = [&](const leveldb::Status& status) {
    if (!status.ok()) throw WeightsError("CHECKPOINT_FILE", index.string(), "", status.ToString());
  };
  std::error_code error;
  const auto size = std::filesystem::file_size(index, error);
  if (error) throw WeightsError("CHECKPOINT_FILE", index.string(), "", error.message());
  leveldb::RandomAccessFile* opened = nullptr;
  check(leveldb::Env::Default()->NewRandomAccessFile(index.string(), &opened));
  const std::unique_ptr<leveldb::RandomAccessFile> file(opened);
  leveldb::Options options;
  options.paranoid_checks = true;
  leveldb::Table* parsed = nullptr;
  check(leveldb::Table::Open(options, file.get(), size, &parsed));
  const std::unique_ptr<leveldb::Table> table(parsed);
  leveldb::ReadOptions read;
  read.verify_checksums = true;
  const std::unique_ptr<leveldb::Iterator> row(table->NewIterator(read));
  std::map<std::string, BundleEntry> entries;
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    if (row->key().empty()) continue;
    const std::string key = row->key().ToString();
    try {
      entries[key] = ParseBundleEntry({row->value().data(), row->value().size()});
    } catch (const std::runtime_error& broken) {
      throw WeightsError("CHECKPOINT_FILE", index.string(), key, broken.what());
    }
  }
  check(row->status());
  return entries;
}

}  // namespace dinsd
