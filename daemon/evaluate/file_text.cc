#include "daemon/evaluate/file_text.h"

#include <fstream>
#include <iterator>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

std::vector<std::byte> LinkedFileBytes(const std::filesystem::path& path) {
  const std::filesystem::path real = std::filesystem::canonical(path);
  return ReadFileBytes(real.parent_path(), real.filename().string(), ReadLimits{}.max_file_bytes);
}

std::string FileSha256(const std::filesystem::path& path) {
  return Sha256Hex(LinkedFileBytes(path));
}

std::string RequiredFileText(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = LinkedFileBytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string FileText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace dinsd
