#include "model/train/validation_loss.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "model/network_segmenter_internal.h"
#include "model/train/crop.h"
#include "model/train/crop_loss.h"
#include "model/train/training_clicks.h"
#include "model/train/training_guide.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kCropsPerCase = 4;
constexpr std::uint64_t kSeed = 0x7E57;

TrainOptions WithoutAugmentation(TrainOptions options) {
  options.flips = false;
  options.scale_min = options.scale_max = 1;
  options.rotation_sd_degrees = 0;
  options.gamma_min = options.gamma_max = 1;
  return options;
}

}  // namespace

double ValidationLoss(const std::vector<TrainingCase>& cases, const Network& network, const TrainOptions& options) {
  const c10::NoGradGuard no_gradients;
  const TrainOptions plain = WithoutAugmentation(options);
  double sum = 0;
  std::uint64_t count = 0;
  for (const TrainingCase& from : cases) {
    for (std::uint64_t i = 0; i < kCropsPerCase; ++i) {
      CounterRandom random(kSeed, count++);
      const Crop crop = DrawCrop(from, plain, random);
      const std::vector<Click> clicks = DrawTrainingClicks(crop, plain, random);
      const NetworkInput input = InputOf(crop, clicks, GuideRuleFor(*from.prepared, plain));
      const at::Tensor logits = network.Forward(ToTensor(input).to(c10::Device(options.device)));
      sum += CropLoss({{logits}}, crop, input, plain).item<double>();
    }
  }
  return sum / static_cast<double>(count);
}

}  // namespace dinsd
