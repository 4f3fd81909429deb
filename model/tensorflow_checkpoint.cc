#include "model/tensorflow_checkpoint.h"

#include <ATen/ATen.h>

#include <cstring>
#include <fstream>
#include <optional>

#include "model/tensorflow_bundle.h"
#include "model/weights_error.h"

namespace dinsd {
namespace {

constexpr std::string_view kValueSuffix = "/.ATTRIBUTES/VARIABLE_VALUE";
constexpr std::string_view kSlot = "/.OPTIMIZER_SLOT/";
constexpr std::string_view kObjectRoot = "model/";
constexpr std::string_view kDimLayer = "dim/layer_with_weights-0/";
constexpr int kFloat32 = 1;
constexpr int kString = 7;

// Our name of a network tensor; nothing for optimizer state and bookkeeping.
std::optional<std::string> TensorName(std::string key) {
  if (!key.ends_with(kValueSuffix) || key.find(kSlot) != std::string::npos) return std::nullopt;
  key.resize(key.size() - kValueSuffix.size());
  if (key.starts_with(kObjectRoot)) key.erase(0, kObjectRoot.size());
  if (key.starts_with("optimizer/") || key == "save_counter") return std::nullopt;
  if (key.starts_with(kDimLayer)) key = "dim/" + key.substr(kDimLayer.size());
  return key;
}

// What the CRC-32C of an entry covers. Strings (tensor_bundle.cc, WriteStringTensor) are stored as their lengths
// (varints), the masked CRC of these lengths as integers of 4 bytes, and their characters; lengths count as such
// integers.
std::optional<std::string> CheckedContent(const BundleEntry& entry, const std::string& bytes) {
  if (entry.dtype != kString) return bytes;
  std::uint64_t strings = 1;
  for (const std::int64_t n : entry.shape) strings *= static_cast<std::uint64_t>(n);
  std::string content;
  std::size_t at = 0;
  for (std::uint64_t k = 0; k < strings; ++k) {
    std::uint64_t length = 0;
    for (int shift = 0;; shift += 7) {
      if (at >= bytes.size() || shift > 28) return std::nullopt;
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      length |= static_cast<std::uint64_t>(byte & 0x7FU) << static_cast<unsigned>(shift);
      if ((byte & 0x80U) == 0) break;
    }
    for (unsigned shift = 0; shift < 32; shift += 8) content += static_cast<char>((length >> shift) & 0xFFU);
  }
  return content + bytes.substr(at);
}

std::string ReadBytes(const std::filesystem::path& path, std::ifstream& data, const std::string& name,
                      const BundleEntry& entry, std::uint64_t file_size) {
  if (entry.shard != 0 || entry.offset < 0 || entry.size < 0 || static_cast<std::uint64_t>(entry.offset) > file_size ||
      static_cast<std::uint64_t>(entry.size) > file_size - static_cast<std::uint64_t>(entry.offset)) {
    throw WeightsError("CHECKPOINT_FILE", path.string(), name, "lies outside the data file");
  }
  std::string bytes(static_cast<std::size_t>(entry.size), '\0');
  data.seekg(entry.offset);
  if (!data.read(bytes.data(), entry.size))
    throw WeightsError("CHECKPOINT_FILE", path.string(), name, "cannot be read");
  const std::optional<std::string> content = CheckedContent(entry, bytes);
  if (!content || MaskedCrc32c(*content) != entry.masked_crc32c) {
    throw WeightsError("CHECKPOINT_CRC", path.string(), name, "its CRC-32C does not hold: the file is damaged");
  }
  return bytes;
}

at::Tensor ToTensor(const std::filesystem::path& path, const std::string& name, const BundleEntry& entry,
                    const std::string& bytes) {
  if (entry.dtype != kFloat32) throw WeightsError("CHECKPOINT_TYPE", path.string(), name, "is not float32");
  std::int64_t count = 1;
  for (const std::int64_t n : entry.shape) {
    if (n <= 0 || n > (1 << 20) || count > (std::int64_t{1} << 30)) {
      throw WeightsError("WEIGHTS_SHAPE", path.string(), name, "shape is not possible");
    }
    count *= n;
  }
  if (static_cast<std::uint64_t>(count) * 4 != bytes.size()) {
    throw WeightsError("WEIGHTS_SHAPE", path.string(), name, "shape and size disagree");
  }
  at::Tensor tensor = at::empty(entry.shape, at::kFloat);
  std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  if (!tensor.isfinite().all().item<bool>()) {
    throw WeightsError("WEIGHTS_NOT_FINITE", path.string(), name, "holds a value that is not finite");
  }
  // (kd, kh, kw, in, out) to (out, in, kd, kh, kw); transposed ones are (kd, kh, kw, out, in) and become (in, out,
  // ...).
  return entry.shape.size() == 5 ? tensor.permute({4, 3, 0, 1, 2}).contiguous() : tensor;
}

void CheckComplete(const std::filesystem::path& prefix, const ImportedCheckpoint& checkpoint) {
  DinsNetwork::Tensors left = checkpoint.tensors;
  for (const ParameterSpec& spec : DinsParameters(checkpoint.width, DimVariant::kBoth)) {
    const auto found = left.find(spec.name);
    if (found == left.end()) throw WeightsError("CHECKPOINT_MISSING_TENSOR", prefix.string(), spec.name, "is missing");
    if (found->second.sizes() != at::IntArrayRef(spec.shape)) {
      throw WeightsError("WEIGHTS_SHAPE", prefix.string(), spec.name, "does not fit a network of this width");
    }
    left.erase(found);
  }
  if (!left.empty()) {
    throw WeightsError("CHECKPOINT_EXTRA_TENSOR", prefix.string(), left.begin()->first, "is not part of the network");
  }
}

}  // namespace

ImportedCheckpoint ReadTensorFlowCheckpoint(const std::filesystem::path& prefix) {
  const std::filesystem::path data_path = prefix.string() + ".data-00000-of-00001";
  const auto index = ReadBundleIndex(prefix.string() + ".index");
  std::error_code error;
  const std::uint64_t file_size = std::filesystem::file_size(data_path, error);
  if (error) throw WeightsError("CHECKPOINT_FILE", data_path.string(), "", error.message());
  std::ifstream data(data_path, std::ios::binary);
  ImportedCheckpoint checkpoint;
  for (const auto& [key, entry] : index) {
    const std::optional<std::string> name = TensorName(key);
    if (!name) {  // not used, but a file that is damaged here is not to be trusted elsewhere
      (void)ReadBytes(data_path, data, key, entry, file_size);
      checkpoint.skipped.push_back(key);
      continue;
    }
    checkpoint.tensors[*name] = ToTensor(data_path, *name, entry, ReadBytes(data_path, data, *name, entry, file_size));
  }
  const auto first = checkpoint.tensors.find("down1/conv1/kernel");
  if (first == checkpoint.tensors.end() || first->second.dim() != 5 || first->second.size(0) > 320) {
    throw WeightsError("CHECKPOINT_MISSING_TENSOR", prefix.string(), "down1/conv1/kernel", "is missing or misshapen");
  }
  checkpoint.width = static_cast<int>(first->second.size(0));
  CheckComplete(prefix, checkpoint);
  return checkpoint;
}

}  // namespace dinsd
