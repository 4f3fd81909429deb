#include "pipeline/read/label_file.h"

#include <limits>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {

LabelMap LabelsOf(const Volume& volume, const std::string& file) {
  LabelMap map{volume.grid, {}};
  map.labels.reserve(volume.voxels.size());
  for (const float v : volume.voxels) {
    if (!(v >= 0 && v <= std::numeric_limits<std::uint16_t>::max()) || v != static_cast<float>(static_cast<int>(v))) {
      throw InputError("LABEL_VALUE", file, "", std::to_string(v) + " is no label");
    }
    map.labels.push_back(static_cast<std::uint16_t>(v));
  }
  return map;
}

LabelMap ReadLabelFile(const std::filesystem::path& path, const ReadLimits& limits) {
  return LabelsOf(ReadVolumeFile(path, limits), path.filename().string());
}

}  // namespace dinsd
