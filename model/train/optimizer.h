#pragma once

#include <cstdint>

#include "model/network.h"
#include "model/train/train_options.h"

namespace dinsd {

/// Adam (Kingma and Ba, ICLR 2015) or stochastic gradient descent with Nesterov momentum, and a running average of the
/// weights, as tensors by name so that a checkpoint holds all of it.
class Optimizer {
 public:
  using Tensors = Network::Tensors;

  /// Starts with zero moments and the average at the weights.
  Optimizer(const Tensors& weights, const TrainOptions& options);

  /// One update of `weights` from their gradients, which are cleared. `step` counts from 0.
  void Step(Tensors& weights, std::int64_t step, double learning_rate);

  [[nodiscard]] const Tensors& average() const { return average_; }

  /// Everything that must survive: first_moment/NAME (or the momentum), second_moment/NAME (of Adam), average/NAME.
  [[nodiscard]] Tensors State() const;
  void Restore(const Tensors& state);

 private:
  void Descend(const std::string& name, at::Tensor& weight, std::int64_t step, double learning_rate);

  bool is_adam_;
  double weight_decay_;
  double gradient_clip_;
  double beta1_;
  double beta2_;
  double average_decay_;
  Tensors first_;
  Tensors second_;
  Tensors average_;
};

/// Learning rate of a step under options.schedule "cosine" or "polynomial" (of the power 0.9, down to nothing, without
/// a rise).
[[nodiscard]] double ScheduledLearningRate(const TrainOptions& options, std::int64_t step);

/// Learning rate of a step under the cosine schedule: from learning_rate down to final_learning_rate over
/// options.steps, after a rise over the first warm_up_steps.
[[nodiscard]] double CosineLearningRate(const TrainOptions& options, std::int64_t step);

}  // namespace dinsd
