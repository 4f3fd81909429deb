#include "pipeline/read/volume_file.h"

#include <fstream>
#include <vector>

#include "pipeline/read/input_error.h"
#include "pipeline/read/nifti.h"

namespace dinsd {
namespace {

std::vector<std::byte> ReadBytes(const std::filesystem::path& path, const ReadLimits& limits) {
  const std::string name = path.filename().string();
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw InputError("VOLUME_UNREADABLE", name, "", "is no regular file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw InputError("VOLUME_UNREADABLE", name, "", error.message());
  if (size > limits.max_file_bytes) {
    throw InputError("LIMIT_EXCEEDED", name, "",
                     std::to_string(size) + " bytes, " + std::to_string(limits.max_file_bytes) + " allowed");
  }
  std::vector<std::byte> bytes(size);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!in) throw InputError("VOLUME_UNREADABLE", name, "", "cannot be read to its end");
  return bytes;
}

}  // namespace

Volume ReadVolumeFile(const std::filesystem::path& path, const ReadLimits& limits) {
  const std::string name = path.filename().string();
  if (!name.ends_with(".nii") && !name.ends_with(".nii.gz")) {
    throw InputError("VOLUME_FORMAT", name, "", "only .nii and .nii.gz are read");
  }
  return ReadNifti(ReadBytes(path, limits), name, limits);
}

}  // namespace dinsd
