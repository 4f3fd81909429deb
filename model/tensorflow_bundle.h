#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dinsd {

/// One entry of a bundle's index (BundleEntryProto in TensorFlow's tensor_bundle.proto).
struct BundleEntry {
  int dtype = 0;  // 1 = float32
  std::vector<std::int64_t> shape;
  std::int64_t shard = 0;
  std::int64_t offset = 0;
  std::int64_t size = 0;
  std::uint32_t masked_crc32c = 0;
};

/// Parses one entry. Throws std::runtime_error on bytes that are no such message.
[[nodiscard]] BundleEntry ParseBundleEntry(std::string_view bytes);

/// All entries of PREFIX.index by key, the bundle's own header (the empty key) left out. Throws WeightsError
/// CHECKPOINT_FILE.
[[nodiscard]] std::map<std::string, BundleEntry> ReadBundleIndex(const std::filesystem::path& index);

/// CRC-32C (Castagnoli, RFC 3720) of `bytes`, masked as LevelDB and TensorFlow store it.
[[nodiscard]] std::uint32_t MaskedCrc32c(std::string_view bytes);

}  // namespace dinsd
