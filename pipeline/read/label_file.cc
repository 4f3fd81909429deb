#include "pipeline/read/label_file.h"

#include <limits>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {

LabelMap ReadLabelFile(const std::filesystem::path& path, const ReadLimits& limits) {
  const Volume volume = ReadVolumeFile(path, limits);
  LabelMap map{volume.grid, {}};
  map.labels.reserve(volume.voxels.size());
  for (const float v : volume.voxels) {
    if (!(v >= 0 && v <= std::numeric_limits<std::uint16_t>::max()) || v != static_cast<float>(static_cast<int>(v))) {
      throw InputError("LABEL_VALUE", path.filename().string(), "", std::to_string(v) + " is no label");
    }
    map.labels.push_back(static_cast<std::uint16_t>(v));
  }
  return map;
}

}  // namespace dinsd
