#include "model/train/lesion_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "gpu/connected_components.h"
#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

// The bounding box of each label, grown by the surroundings inside the crop.
std::vector<IndexBox> Surroundings(const Components& lesions, const Size3& size) {
  std::vector<IndexBox> boxes(lesions.sizes.size(), IndexBox{{size.z, size.y, size.x}, {0, 0, 0}});
  for (std::size_t at = 0; at < lesions.labels.size(); ++at) {
    if (lesions.labels[at] == 0) continue;
    IndexBox& box = boxes[static_cast<std::size_t>(lesions.labels[at] - 1)];
    const Index3 v = IndexAt(size, at);
    box.begin = {std::min(box.begin.z, v.z), std::min(box.begin.y, v.y), std::min(box.begin.x, v.x)};
    box.end = {std::max(box.end.z, v.z + 1), std::max(box.end.y, v.y + 1), std::max(box.end.x, v.x + 1)};
  }
  const Index3& more = kLesionSurroundings;
  for (IndexBox& box : boxes) {
    box.begin = {std::max<std::int64_t>(0, box.begin.z - more.z), std::max<std::int64_t>(0, box.begin.y - more.y),
                 std::max<std::int64_t>(0, box.begin.x - more.x)};
    box.end = {std::min(size.z, box.end.z + more.z), std::min(size.y, box.end.y + more.y),
               std::min(size.x, box.end.x + more.x)};
  }
  return boxes;
}

at::Tensor CutOut(const at::Tensor& whole, const IndexBox& box) {
  return whole.slice(0, box.begin.z, box.end.z).slice(1, box.begin.y, box.end.y).slice(2, box.begin.x, box.end.x);
}

// What the network sees in one lesion's surroundings, without the voxels of other lesions, and the lesion there.
struct Around {
  at::Tensor seen, own;
};

template <typename Loss>
at::Tensor MeanOverLesions(const at::Tensor& probability, std::span<const std::uint8_t> mask, const Size3& size,
                           Loss loss) {
  const Components lesions = LabelComponents(mask, size, Connectivity::k26);
  if (lesions.sizes.empty()) return at::zeros({}, probability.options());
  const at::Tensor labels = at::empty({size.z, size.y, size.x}, at::kInt);
  std::copy(lesions.labels.begin(), lesions.labels.end(), labels.mutable_data_ptr<std::int32_t>());
  const at::Tensor on_device = labels.to(probability.device());
  const std::vector<IndexBox> boxes = Surroundings(lesions, size);
  std::vector<at::Tensor> losses;
  losses.reserve(boxes.size());
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    const at::Tensor here = CutOut(on_device, boxes[k]);
    const at::Tensor own = here.eq(static_cast<std::int64_t>(k) + 1).to(at::kFloat);
    losses.push_back(loss(Around{CutOut(probability, boxes[k]) * (here.eq(0).to(at::kFloat) + own), own}));
  }
  return at::stack(losses).mean();
}

}  // namespace

at::Tensor LesionDiceLoss(const at::Tensor& probability, std::span<const std::uint8_t> mask, const Size3& size) {
  return MeanOverLesions(probability, mask, size, [](const Around& a) {
    return 1 - (2 * (a.seen * a.own).sum() + 1) / (a.seen.sum() + a.own.sum() + 1);
  });
}

at::Tensor LesionVolumeLoss(const at::Tensor& probability, std::span<const std::uint8_t> mask, const Size3& size) {
  return MeanOverLesions(probability, mask, size,
                         [](const Around& a) { return ((a.seen.sum() + 1) / (a.own.sum() + 1)).log().abs(); });
}

}  // namespace dinsd
