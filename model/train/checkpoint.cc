#include "model/train/checkpoint.h"

#include <ATen/ATen.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "DINSTRN1";

[[noreturn]] void Refuse(const std::filesystem::path& path, const std::string& why) {
  throw std::runtime_error(path.string() + ": " + why);
}

}  // namespace

void SaveCheckpoint(const std::filesystem::path& path, const TrainingCheckpoint& checkpoint) {
  json header = {{"step", checkpoint.step},
                 {"learning_rate", checkpoint.learning_rate},
                 {"best_score", checkpoint.best_score},
                 {"lowest_loss", checkpoint.lowest_loss},
                 {"stale", checkpoint.stale},
                 {"options", checkpoint.options}};
  if (checkpoint.patience) {
    header["patience"] = {{"lowest_loss", checkpoint.patience->lowest_loss},
                          {"stale", checkpoint.patience->stale},
                          {"minutes", checkpoint.patience->minutes},
                          {"is_over", checkpoint.patience->is_over}};
  }
  std::string data;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const at::Tensor stored = tensor.detach().cpu().to(at::kFloat).contiguous();
    header["tensors"][name] = {{"shape", stored.sizes().vec()}, {"at", data.size()}};
    data.append(static_cast<const char*>(stored.data_ptr()), stored.nbytes());
  }
  const std::string text = header.dump();
  const std::uint64_t length = text.size();
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << kMagic;
  out.write(reinterpret_cast<const char*>(&length), sizeof(length));
  out << text << data;
  out.close();
  if (!out) Refuse(part, "cannot be written");
  std::filesystem::rename(part, path);
}

TrainingCheckpoint LoadCheckpoint(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Refuse(path, "cannot be opened");
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::size_t preamble = kMagic.size() + sizeof(std::uint64_t);
  std::uint64_t length = 0;
  if (bytes.size() < preamble || !bytes.starts_with(kMagic)) Refuse(path, "is no training checkpoint");
  std::memcpy(&length, bytes.data() + kMagic.size(), sizeof(length));
  if (length > bytes.size() - preamble) Refuse(path, "is cut off");
  const std::string_view data = std::string_view(bytes).substr(preamble + length);
  TrainingCheckpoint checkpoint;
  const json header = json::parse(bytes.substr(preamble, length));
  header.at("step").get_to(checkpoint.step);
  header.at("learning_rate").get_to(checkpoint.learning_rate);
  header.at("best_score").get_to(checkpoint.best_score);
  header.at("lowest_loss").get_to(checkpoint.lowest_loss);
  header.at("stale").get_to(checkpoint.stale);
  header.at("options").get_to(checkpoint.options);
  if (header.contains("patience")) {
    const json& kept = header.at("patience");
    checkpoint.patience = {kept.at("lowest_loss").get<double>(), kept.at("stale").get<std::int64_t>(),
                           kept.at("minutes").get<double>(), kept.at("is_over").get<bool>()};
  }
  for (const auto& [name, entry] : header.at("tensors").items()) {
    at::Tensor tensor = at::empty(entry.at("shape").get<std::vector<std::int64_t>>(), at::kFloat);
    const auto at = entry.at("at").get<std::size_t>();
    if (at > data.size() || data.size() - at < tensor.nbytes()) Refuse(path, "is cut off at " + name);
    std::memcpy(tensor.data_ptr(), data.data() + at, tensor.nbytes());
    checkpoint.tensors[name] = tensor;
  }
  return checkpoint;
}

}  // namespace dinsd
