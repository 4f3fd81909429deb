#pragma once

#include <vector>

#include "model/network.h"
#include "model/train/train_options.h"
#include "model/train/training_case.h"

namespace dinsd {

/// The loss that training minimises (CropLoss of the finest logits), as a mean over four crops of each case without
/// augmentation; crops and clicks (DrawTrainingClicks) are the same each time, whatever the seed of the training is. By
/// this a training ends (stop_patience): it says the same of networks that see clicks and those that do not.
[[nodiscard]] double ValidationLoss(const std::vector<TrainingCase>& cases, const Network& network,
                                    const TrainOptions& options);

}  // namespace dinsd
