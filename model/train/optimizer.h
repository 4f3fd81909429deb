#pragma once

#include <cstdint>

#include "model/dins_network.h"
#include "model/train/train_options.h"

namespace dinsd {

/// Adam (Kingma and Ba, ICLR 2015) and a running average of the weights, as tensors by name so that a checkpoint holds
/// all of it.
class Optimizer {
 public:
  using Tensors = DinsNetwork::Tensors;

  /// Starts with zero moments and the average at the weights.
  Optimizer(const Tensors& weights, const TrainOptions& options);

  /// One update of `weights` from their gradients, which are cleared. `step` counts from 0.
  void Step(Tensors& weights, std::int64_t step, double learning_rate);

  [[nodiscard]] const Tensors& average() const { return average_; }

  /// Everything that must survive: first_moment/NAME, second_moment/NAME, average/NAME.
  [[nodiscard]] Tensors State() const;
  void Restore(const Tensors& state);

 private:
  double beta1_;
  double beta2_;
  double average_decay_;
  Tensors first_;
  Tensors second_;
  Tensors average_;
};

/// Learning rate of a step under the cosine schedule: from learning_rate down to final_learning_rate over
/// options.steps, after a rise over the first warm_up_steps.
[[nodiscard]] double CosineLearningRate(const TrainOptions& options, std::int64_t step);

}  // namespace dinsd
