#include "model/train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace dinsd {
namespace {

constexpr double kEpsilon = 1e-8;

// Scales all gradients down to the largest norm that is allowed.
void ClipGradients(Optimizer::Tensors& weights, double largest) {
  double squares = 0;
  for (const auto& [name, weight] : weights) {
    if (weight.grad().defined()) squares += weight.grad().square().sum(at::kDouble).item<double>();
  }
  if (std::sqrt(squares) <= largest) return;
  for (auto& [name, weight] : weights) {
    if (weight.grad().defined()) weight.mutable_grad().mul_(largest / std::sqrt(squares));
  }
}

}  // namespace

Optimizer::Optimizer(const Tensors& weights, const TrainOptions& options)
    : is_adam_(options.optimizer == "adam"),
      weight_decay_(options.weight_decay),
      gradient_clip_(options.gradient_clip),
      beta1_(options.beta1),
      beta2_(options.beta2),
      average_decay_(options.average_decay) {
  for (const auto& [name, tensor] : weights) {
    first_[name] = at::zeros_like(tensor);
    if (is_adam_) second_[name] = at::zeros_like(tensor);
    average_[name] = tensor.detach().clone();
  }
}

void Optimizer::Descend(const std::string& name, at::Tensor& weight, std::int64_t step, double learning_rate) {
  const at::Tensor& gradient = weight.grad();
  if (!is_adam_) {
    first_[name].mul_(beta1_).add_(gradient);
    weight.sub_(gradient.add(first_[name], beta1_), learning_rate);
    return;
  }
  const auto count = static_cast<double>(step + 1);
  const double correction1 = 1 - std::pow(beta1_, count);
  const double correction2 = 1 - std::pow(beta2_, count);
  first_[name].mul_(beta1_).add_(gradient, 1 - beta1_);
  second_[name].mul_(beta2_).addcmul_(gradient, gradient, 1 - beta2_);
  const at::Tensor scale = (second_[name] / correction2).sqrt_().add_(kEpsilon);
  weight.addcdiv_(first_[name], scale, -learning_rate / correction1);
}

void Optimizer::Step(Tensors& weights, std::int64_t step, double learning_rate) {
  const c10::NoGradGuard no_gradients;
  const auto count = static_cast<double>(step + 1);
  // Early weights are forgotten quickly: the decay grows to its value.
  const double decay = std::min(average_decay_, count / (count + 9));
  if (gradient_clip_ > 0) ClipGradients(weights, gradient_clip_);
  for (auto& [name, weight] : weights) {
    if (!weight.grad().defined()) continue;
    if (weight_decay_ > 0) weight.mutable_grad().add_(weight, weight_decay_);
    Descend(name, weight, step, learning_rate);
    weight.mutable_grad().reset();
    average_[name].mul_(decay).add_(weight, 1 - decay);
  }
}

Optimizer::Tensors Optimizer::State() const {
  Tensors state;
  for (const auto& [name, tensor] : first_) state["first_moment/" + name] = tensor;
  for (const auto& [name, tensor] : second_) state["second_moment/" + name] = tensor;
  for (const auto& [name, tensor] : average_) state["average/" + name] = tensor;
  return state;
}

void Optimizer::Restore(const Tensors& state) {
  const auto take = [&](Tensors& into, const std::string& prefix) {
    for (auto& [name, tensor] : into) {
      const auto found = state.find(prefix + name);
      if (found == state.end()) throw std::runtime_error("checkpoint lacks " + prefix + name);
      tensor.copy_(found->second);
    }
  };
  take(first_, "first_moment/");
  take(second_, "second_moment/");
  take(average_, "average/");
}

double ScheduledLearningRate(const TrainOptions& options, std::int64_t step) {
  constexpr double kPower = 0.9;
  if (options.schedule == "cosine") return CosineLearningRate(options, step);
  const double left = 1 - static_cast<double>(step) / static_cast<double>(options.steps);
  return options.learning_rate * std::pow(std::max(0.0, left), kPower);
}

double CosineLearningRate(const TrainOptions& options, std::int64_t step) {
  const double share = static_cast<double>(step) / static_cast<double>(options.steps);
  const double fall = (1 + std::cos(M_PI * std::min(1.0, share))) / 2;
  const double rate = options.final_learning_rate + (options.learning_rate - options.final_learning_rate) * fall;
  return step < options.warm_up_steps ? rate * static_cast<double>(step + 1) / (options.warm_up_steps + 1) : rate;
}

}  // namespace dinsd
