#include <algorithm>

#include "pipeline/import/mask_source.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/lattice.h"
#include "pipeline/read/volume_file.h"
#include "pipeline/write/dicom_uid.h"

namespace dinsd {
namespace {

constexpr std::size_t kLabels = 65536;

// Labels from 1 on without gaps, in the order of the file's own.
void TakeLabels(LabelMap& map, const std::string& image_sha256, ImportedMask& mask) {
  std::vector<std::uint16_t> label_of(kLabels);
  for (const std::uint16_t label : map.labels) label_of[label] = 1;
  label_of[0] = 0;
  for (std::size_t label = 1; label < kLabels; ++label) {
    if (label_of[label] == 0) continue;
    std::string id = "L";
    id.append(std::to_string(label));
    mask.lesions.push_back(
        {.id = id,
         .tracking_uid = UidOfText(std::string("lesion of image ").append(image_sha256).append(" ").append(id)),
         .number = static_cast<std::int64_t>(label),
         .reason = "a label of the file"});
    label_of[label] = static_cast<std::uint16_t>(mask.lesions.size());
  }
  for (std::uint16_t& label : map.labels) label = label_of[label];
}

}  // namespace

MaskSource MaskOfLabelFile(const MaskFile& file, const GridGeometry& grid, const std::string& image_sha256,
                           const ReadLimits& limits) {
  MaskSource source;
  Refusing(file.file, [&] {
    std::optional<LabelMap> moved = OnSameVoxels(LabelsOf(ReadVolume(file.bytes, file.file, limits), file.file), grid);
    if (!moved)
      throw InputError("MASK_GRID", file.file, "", "its voxels are not those of the image, whatever their order");
    source.labels = *std::move(moved);
  });
  TakeLabels(source.labels, image_sha256, source.mask);
  if (source.mask.lesions.empty()) {
    throw InputError("MASK_EMPTY", file.file, "", "holds no label: whether there is no tumour it does not say",
                     InputVerdict::kNeedsPrompts);
  }
  source.mask.kind = "label file";
  source.mask.maker = "not stated";
  source.mask.files = {{file.file, file.sha256, ""}};
  return source;
}

}  // namespace dinsd
