#include "daemon/weights/find_weights.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace dinsd {
namespace {

std::filesystem::path InstalledFolder() {
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path() / "share" / "dinsd" / "weights";
}

std::vector<std::filesystem::path> WeightsIn(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".safetensors") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The only weights of the first of the shipped folders, or of its subfolder, that has any.
std::filesystem::path OnlyWeights(const std::string& subfolder) {
  std::string looked;
  for (std::filesystem::path folder : {InstalledFolder(), std::filesystem::path(DINSD_SHIPPED_WEIGHTS)}) {
    if (!subfolder.empty()) folder /= subfolder;
    const std::vector<std::filesystem::path> found = WeightsIn(folder);
    if (found.size() == 1) return found.front();
    if (found.size() > 1) {
      std::string names;
      for (const auto& file : found) names.append(names.empty() ? "" : ", ").append(file.filename().string());
      throw std::runtime_error("several weights in " + folder.string() + " (" + names + "): name one with --weights");
    }
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  throw std::runtime_error("no weights: name a file with --weights or DINSD_WEIGHTS (looked in " + looked + ")");
}

}  // namespace

std::filesystem::path FindWeights(const std::string& named) {
  if (!named.empty()) return named;
  const char* from_environment = std::getenv("DINSD_WEIGHTS");
  if (from_environment != nullptr && *from_environment != '\0') return from_environment;
  return OnlyWeights("");
}

std::filesystem::path ShippedWeights(const std::string& kind) {
  return kind.empty() ? FindWeights("") : OnlyWeights(kind);
}

}  // namespace dinsd
