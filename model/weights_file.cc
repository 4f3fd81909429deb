#include "model/weights_file.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "model/manifest_json.h"
#include "model/network_factory.h"
#include "model/network_kind.h"
#include "model/weights_error.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr const char* kManifestKey = "dinsd_manifest";
constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{2} << 30;
constexpr std::size_t kPreamble = 8;

std::string Sha256Hex(const std::string& bytes) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  constexpr const char* kHex = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) hex += {kHex[byte >> 4], kHex[byte & 15]};
  return hex;
}

std::string ReadWhole(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw WeightsError("WEIGHTS_FILE", path.string(), "", error.message());
  if (size > kMaxFileBytes) throw WeightsError("WEIGHTS_FILE", path.string(), "", "larger than 2 GiB");
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// One entry of the header, checked against the bytes there are.
struct Entry {
  std::string name;
  c10::ScalarType type;
  std::vector<std::int64_t> shape;
  std::uint64_t begin;
  std::uint64_t end;
};

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path) : name_(path.string()), bytes_(ReadWhole(path)) {
    if (bytes_.size() < kPreamble) Refuse("", "too short for a safetensors file");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kPreamble);
    if (length > kMaxHeaderBytes || length > bytes_.size() - kPreamble) Refuse("", "header longer than the file");
    data_ = kPreamble + length;
    header_ = json::parse(bytes_.data() + kPreamble, bytes_.data() + data_, nullptr, false);
    if (!header_.is_object()) Refuse("", "header is no JSON object");
    for (const auto& [name, value] : header_.items()) {
      if (name != "__metadata__") AddEntry(name, value);
    }
    CheckNoGaps();
  }

  [[nodiscard]] ModelManifest Manifest() const {
    const auto metadata = header_.find("__metadata__");
    if (metadata == header_.end() || !metadata->is_object() || !metadata->contains(kManifestKey) ||
        !metadata->at(kManifestKey).is_string()) {
      throw WeightsError("WEIGHTS_MANIFEST", name_, kManifestKey, "is missing");
    }
    return ManifestFromJson(metadata->at(kManifestKey).get<std::string>(), name_);
  }

  [[nodiscard]] Network::Tensors Tensors(const ModelManifest& manifest) const {
    Network::Tensors tensors;
    std::map<std::string, const Entry*> by_name;
    for (const Entry& entry : entries_) by_name[entry.name] = &entry;
    for (const ParameterSpec& spec : NetworkParameters(manifest)) {
      const auto found = by_name.find(spec.name);
      if (found == by_name.end()) throw WeightsError("WEIGHTS_MISSING_TENSOR", name_, spec.name, "is missing");
      if (found->second->shape != spec.shape) {
        throw WeightsError("WEIGHTS_SHAPE", name_, spec.name, "has another shape than the manifest's network");
      }
      tensors[spec.name] = Read(*found->second);
      by_name.erase(found);
    }
    if (!by_name.empty()) {
      throw WeightsError("WEIGHTS_EXTRA_TENSOR", name_, by_name.begin()->first, "is not part of the network");
    }
    return tensors;
  }

  [[nodiscard]] std::string Sha256() const { return Sha256Hex(bytes_); }

 private:
  [[noreturn]] void Refuse(const std::string& tensor, const std::string& why) const {
    throw WeightsError("WEIGHTS_FILE", name_, tensor, why);
  }

  void AddEntry(const std::string& name, const json& value) {
    Entry entry{name, c10::ScalarType::Undefined, {}, 0, 0};
    std::string type;
    std::array<std::uint64_t, 2> offsets{};
    try {
      value.at("dtype").get_to(type);
      value.at("shape").get_to(entry.shape);
      value.at("data_offsets").get_to(offsets);
    } catch (const json::exception&) {
      Refuse(name, "dtype, shape or data_offsets missing or of another type");
    }
    const std::map<std::string, c10::ScalarType> kTypes = {
        {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}};
    const auto known = kTypes.find(type);
    if (known == kTypes.end())
      throw WeightsError("WEIGHTS_TYPE", name_, name, "'" + type + "' is not F32, F16 or BF16");
    entry.type = known->second;
    entry.begin = offsets[0];
    entry.end = offsets[1];
    std::uint64_t expected = c10::elementSize(entry.type);
    for (const std::int64_t n : entry.shape) {
      if (n < 0 || n > (1 << 20) || expected > kMaxFileBytes) Refuse(name, "shape is not possible");
      expected *= static_cast<std::uint64_t>(n);
    }
    if (entry.end < entry.begin || entry.end > bytes_.size() - data_) Refuse(name, "offsets leave the file");
    if (entry.end - entry.begin != expected) Refuse(name, "offsets and shape disagree");
    entries_.push_back(std::move(entry));
  }

  // The format wants the data to be covered exactly once.
  void CheckNoGaps() const {
    std::map<std::uint64_t, const Entry*> by_begin;
    for (const Entry& entry : entries_) {
      if (!by_begin.emplace(entry.begin, &entry).second) Refuse(entry.name, "shares its bytes with another tensor");
    }
    std::uint64_t at = 0;
    for (const auto& [begin, entry] : by_begin) {
      if (begin != at) Refuse(entry->name, "a gap or an overlap before it");
      at = entry->end;
    }
    if (at != bytes_.size() - data_) Refuse("", "bytes after the last tensor");
  }

  [[nodiscard]] at::Tensor Read(const Entry& entry) const {
    at::Tensor tensor = at::empty(entry.shape, entry.type);
    std::memcpy(tensor.data_ptr(), bytes_.data() + data_ + entry.begin, entry.end - entry.begin);
    tensor = tensor.to(at::kFloat);
    if (!tensor.isfinite().all().item<bool>()) {
      throw WeightsError("WEIGHTS_NOT_FINITE", name_, entry.name, "holds a value that is not finite");
    }
    return tensor;
  }

  std::string name_;
  std::string bytes_;
  std::size_t data_ = 0;
  json header_;
  std::vector<Entry> entries_;
};

void WriteDurably(const std::filesystem::path& path, const std::string& bytes) {
  const std::filesystem::path part = path.string() + ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error(part.string() + ": cannot be written");
  }
  const int fd = ::open(part.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_durable = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!is_durable) throw std::runtime_error(part.string() + ": cannot be made durable");
  std::filesystem::rename(part, path);
}

}  // namespace

DimVariant DimVariantOf(const ModelManifest& manifest) {
  const std::optional<DimVariant> variant = DimVariantFrom(manifest.dim);
  if (!variant) throw std::invalid_argument("DIM '" + manifest.dim + "' is none of " + DimWords());
  return *variant;
}

void SaveWeights(const std::filesystem::path& path, const Network& network, const ModelManifest& manifest,
                 StoredAs stored_as) {
  json header = {{"__metadata__", {{kManifestKey, ManifestToJson(manifest)}}}};
  std::string data;
  for (const auto& [name, tensor] : network.tensors()) {
    const at::Tensor stored =
        tensor.detach().cpu().to(stored_as == StoredAs::kFloat16 ? at::kHalf : at::kFloat).contiguous();
    const std::size_t begin = data.size();
    data.append(static_cast<const char*>(stored.data_ptr()), stored.nbytes());
    header[name] = {{"dtype", stored_as == StoredAs::kFloat16 ? "F16" : "F32"},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof(length));
  WriteDurably(path, bytes + text + data);
}

LoadedWeights LoadWeights(const std::filesystem::path& path, TakenNetworks taken) {
  const SafetensorsFile file(path);
  ModelManifest manifest = file.Manifest();
  if (taken == TakenNetworks::kDins && manifest.network != NetworkWord(NetworkKind::kDins)) {
    throw WeightsError("WEIGHTS_NETWORK", path.string(), "network",
                       "are weights of the baseline '" + manifest.network + "', not of DINs: for comparisons only");
  }
  std::unique_ptr<Network> network = MakeNetwork(manifest, file.Tensors(manifest));
  return {std::move(network), std::move(manifest), file.Sha256()};
}

}  // namespace dinsd
