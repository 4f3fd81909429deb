#include "model/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "gpu/guide_map.h"
#include "gpu/overlap.h"
#include "model/click_simulation.h"
#include "model/device.h"
#include "model/interaction.h"
#include "model/network_segmenter_internal.h"
#include "model/train/checkpoint.h"
#include "model/train/crop.h"
#include "model/train/loss.h"
#include "model/train/optimizer.h"
#include "model/train/training_clicks.h"
#include "model/weights_file.h"

namespace dinsd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kReportEvery = 20;
constexpr int kValidationClicks = 10;

std::vector<float> GuideOf(const std::vector<Click>& clicks, Polarity polarity, const Size3& size, const Vec3& sigma) {
  std::vector<Index3> voxels;
  for (const Click& click : clicks) {
    if (click.polarity == polarity) voxels.push_back(click.voxel);
  }
  std::vector<float> guide(size.VoxelCount());
  ExponentialGuideMap(size, voxels, {.sigma = sigma}, guide);
  return guide;
}

at::Tensor InputOf(const Crop& crop, const std::vector<Click>& clicks, const Vec3& sigma) {
  at::Tensor input = at::empty({1, 3, crop.size.z, crop.size.y, crop.size.x}, at::kFloat);
  float* at = std::copy(crop.image.begin(), crop.image.end(), input.mutable_data_ptr<float>());
  for (const Polarity polarity : {Polarity::kPositive, Polarity::kNegative}) {
    const std::vector<float> guide = GuideOf(clicks, polarity, crop.size, sigma);
    at = std::copy(guide.begin(), guide.end(), at);
  }
  return input;
}

std::string Words(const TrainOptions& o) {
  std::string words;
  for (const double v : {double(o.width),
                         o.sigma.z,
                         o.sigma.y,
                         o.sigma.x,
                         o.spacing_mm,
                         double(o.seed),
                         double(o.steps),
                         double(o.crop.z),
                         double(o.crop.y),
                         double(o.crop.x),
                         o.tumour_share,
                         o.scale_min,
                         o.scale_max,
                         o.rotation_sd_degrees,
                         o.gamma_min,
                         o.gamma_max,
                         double(o.flips),
                         o.error_click_share,
                         double(o.max_error_clicks),
                         double(o.max_clicks_per_sign),
                         o.tumour_weight,
                         o.dice_weight,
                         o.learning_rate,
                         o.final_learning_rate,
                         o.beta1,
                         o.beta2,
                         o.average_decay}) {
    words += std::to_string(v) + " ";
  }
  return words + o.schedule + " " + o.dim + " " + o.precision;
}

class Training {
 public:
  Training(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           std::filesystem::path out)
      : options_(options),
        manifest_(manifest),
        out_(std::move(out)),
        network_(DinsNetwork::Initialised(options.width, DimVariantOf(manifest), options.seed)) {
    for (const PreparedCase& c : cases) {
      if (c.split == "train") train_.push_back(&c);
      if (c.split == "choose") choose_.push_back(&c);
    }
    if (train_.empty()) throw std::invalid_argument("no case of split 'train'");
    SetNetworkThreads(options.threads);
    network_.To(options.device);
    if (options.precision == "bf16") network_.Use(Precision::kBfloat16);
    for (auto& [name, tensor] : network_.tensors()) tensor.requires_grad_();
    optimizer_.emplace(network_.tensors(), options);
    state_.learning_rate = options.learning_rate;
    state_.options = Words(options);
    std::filesystem::create_directories(out_);
    if (std::filesystem::exists(out_ / "checkpoint.bin")) Resume();
  }

  void Run(const OnTraining& on_training) {
    begin_ = Clock::now();
    first_step_ = state_.step;
    double loss_sum = 0;
    std::int64_t loss_count = 0;
    while (state_.step < options_.steps) {
      loss_sum += Step();
      ++loss_count;
      ++state_.step;
      const bool is_last = state_.step == options_.steps;
      const double mean_loss = loss_sum / static_cast<double>(loss_count);
      std::optional<ValidationScore> score;
      if (state_.step % options_.validate_every == 0 || is_last) score = Validate(mean_loss);
      const bool is_report = state_.step % kReportEvery == 0 || score;
      const bool goes_on = !is_report || Report(on_training, mean_loss, score ? &*score : nullptr);
      if (is_report) {
        loss_sum = 0;
        loss_count = 0;
      }
      if (state_.step % options_.checkpoint_every == 0 || is_last || !goes_on) Save();
      if (!goes_on) return;
    }
  }

 private:
  void Resume() {
    TrainingCheckpoint loaded = LoadCheckpoint(out_ / "checkpoint.bin");
    if (loaded.options != state_.options) {
      throw std::runtime_error((out_ / "checkpoint.bin").string() +
                               ": was made with other options; use another folder");
    }
    const c10::NoGradGuard no_gradients;
    for (auto& [name, tensor] : network_.tensors()) tensor.copy_(loaded.tensors.at("weights/" + name));
    optimizer_->Restore(loaded.tensors);
    loaded.tensors.clear();
    state_ = std::move(loaded);
  }

  void Save() {
    state_.tensors = optimizer_->State();
    for (const auto& [name, tensor] : network_.tensors()) state_.tensors["weights/" + name] = tensor;
    SaveCheckpoint(out_ / "checkpoint.bin", state_);
    state_.tensors.clear();
  }

  double Step() {
    CounterRandom random(options_.seed, static_cast<std::uint64_t>(state_.step));
    const auto& source =
        *train_[static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(train_.size()) - 1))];
    const Crop crop = DrawCrop(source, options_, random);
    const bool from_errors = random.Unit() < options_.error_click_share;
    const std::vector<Click> clicks =
        from_errors ? ClicksFromErrors(crop, random) : DrawTrainingClicks(crop, options_, random);
    at::Tensor mask = at::empty({1, crop.size.z, crop.size.y, crop.size.x}, at::kLong);
    std::copy(crop.mask.begin(), crop.mask.end(), mask.mutable_data_ptr<std::int64_t>());
    const c10::Device device(options_.device);
    const at::Tensor logits = network_.Forward(InputOf(crop, clicks, options_.sigma).to(device));
    const at::Tensor loss = SegmentationLoss(logits, mask.to(device), options_.tumour_weight, options_.dice_weight);
    loss.backward();
    const double rate =
        options_.schedule == "cosine" ? CosineLearningRate(options_, state_.step) : state_.learning_rate;
    optimizer_->Step(network_.tensors(), state_.step, rate);
    return loss.item<double>();
  }

  // Clicks as evaluation makes them: each at the largest error of what the network says to the ones before.
  std::vector<Click> ClicksFromErrors(const Crop& crop, CounterRandom& random) {
    const c10::NoGradGuard no_gradients;
    std::vector<Click> clicks;
    std::vector<Index3> earlier;
    std::vector<std::uint8_t> prediction(crop.mask.size());
    const auto count = random.Between(1, options_.max_error_clicks);
    while (static_cast<std::int64_t>(clicks.size()) < count) {
      const auto click = NextClick(prediction, crop.mask, crop.size, earlier);
      if (!click) break;
      clicks.push_back(*click);
      earlier.push_back(click->voxel);
      if (static_cast<std::int64_t>(clicks.size()) == count) break;
      const at::Tensor logits =
          network_.Forward(InputOf(crop, clicks, options_.sigma).to(c10::Device(options_.device)));
      const at::Tensor is_tumour = (logits.select(1, 1) > logits.select(1, 0)).to(at::kCPU, at::kByte).contiguous();
      std::copy_n(is_tumour.const_data_ptr<std::uint8_t>(), prediction.size(), prediction.begin());
    }
    return clicks;
  }

  std::optional<ValidationScore> Validate(double loss) {
    FollowPlateau(loss);
    DinsNetwork averaged(options_.width, DimVariantOf(manifest_), Copies(optimizer_->average()));
    if (choose_.empty()) {
      SaveWeights(out_ / "best.safetensors", averaged, manifest_, StoredAs::kFloat16);
      return std::nullopt;
    }
    const std::unique_ptr<Segmenter> segmenter = MakeSegmenter(averaged, options_.device);
    ValidationScore score;
    for (const PreparedCase* c : choose_) AddCase(*c, *segmenter, score);
    if (score.Mean() > state_.best_score) {
      state_.best_score = score.Mean();
      SaveWeights(out_ / "best.safetensors", averaged, manifest_, StoredAs::kFloat16);
    }
    return score;
  }

  void AddCase(const PreparedCase& c, Segmenter& segmenter, ValidationScore& score) const {
    const NetworkGrid grid(c.size, c.size.y, c.size.x, EdgeRule::kClamp);
    const InteractionOptions options{
        .stop_at_dice = 2, .max_clicks = kValidationClicks, .spread = {options_.sigma, SigmaUnit::kNetworkVoxel}};
    const auto steps = SimulateInteraction(grid, c.image, c.mask, {1, 1, 1}, segmenter, options).steps;
    const auto after = [&](std::size_t clicks) {
      return steps.empty() ? 1.0 : steps[std::min(clicks, steps.size()) - 1].dice;
    };
    const auto share = 1 / static_cast<double>(choose_.size());
    score.after1 += share * after(1);
    score.after5 += share * after(5);
    score.after10 += share * after(10);
  }

  void FollowPlateau(double loss) {
    state_.stale = loss < state_.lowest_loss ? 0 : state_.stale + 1;
    state_.lowest_loss = std::min(state_.lowest_loss, loss);
    if (state_.stale < options_.plateau_patience) return;
    state_.stale = 0;
    state_.learning_rate = std::max(options_.final_learning_rate, state_.learning_rate * options_.plateau_factor);
  }

  static DinsNetwork::Tensors Copies(const DinsNetwork::Tensors& tensors) {
    DinsNetwork::Tensors copies;
    for (const auto& [name, tensor] : tensors) copies[name] = tensor.detach().clone();
    return copies;
  }

  bool Report(const OnTraining& on_training, double loss, const ValidationScore* score) {
    const double rate =
        options_.schedule == "cosine" ? CosineLearningRate(options_, state_.step) : state_.learning_rate;
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const auto done = static_cast<double>(state_.step - first_step_);
    const double left = seconds / done * static_cast<double>(options_.steps - state_.step);
    std::ofstream log(out_ / "log.csv", std::ios::app);
    if (log.tellp() == 0) log << "step,loss,learning_rate,dsc_after_1,dsc_after_5,dsc_after_10\n";
    log << state_.step << ',' << loss << ',' << rate;
    if (score != nullptr) {
      log << ',' << score->after1 << ',' << score->after5 << ',' << score->after10 << '\n';
    } else {
      log << ",,,\n";
    }
    return !on_training || on_training({state_.step, options_.steps, loss, rate, left, score});
  }

  TrainOptions options_;
  ModelManifest manifest_;
  std::filesystem::path out_;
  DinsNetwork network_;
  std::optional<Optimizer> optimizer_;
  TrainingCheckpoint state_;
  std::vector<const PreparedCase*> train_;
  std::vector<const PreparedCase*> choose_;
  Clock::time_point begin_;
  std::int64_t first_step_ = 0;
};

}  // namespace

void Train(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           const std::filesystem::path& out, const OnTraining& on_training) {
  options.Check();
  Training(options, cases, manifest, out).Run(on_training);
}

}  // namespace dinsd
