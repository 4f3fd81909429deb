#include "model/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "model/click_hold.h"
#include "model/device.h"
#include "model/network_segmenter_internal.h"
#include "model/train/altered_truth.h"
#include "model/train/checkpoint.h"
#include "model/train/click_chain.h"
#include "model/train/crop.h"
#include "model/train/lesion_loss.h"
#include "model/train/loss.h"
#include "model/train/optimizer.h"
#include "model/train/training_case.h"
#include "model/train/training_clicks.h"
#include "model/train/training_guide.h"
#include "model/train/validation.h"
#include "model/weights_file.h"

namespace dinsd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kReportEvery = 20;
constexpr std::uint64_t kDrawSeed = 0x5EED0FC509;  // crops and clicks draw from a stream of their own

// Nothing for the guide that trainings had before they could choose one, so that those can be resumed.
std::string GuideWordsOf(const TrainOptions& o) {
  const TrainOptions plain;
  std::string words;
  if (o.sigma_unit != plain.sigma_unit) words.append("sigma in ").append(o.sigma_unit).append(" ");
  if (o.guide == plain.guide) return words;
  words.append("guide=").append(o.guide).append(" ");
  for (const double v : {o.guide_scale, o.guide_alpha, o.guide_beta}) words.append(std::to_string(v)).append(" ");
  return words;
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
                         double(o.click_chains),
                         double(o.min_clicks_per_lesion),
                         double(o.max_clicks_per_lesion),
                         double(o.warm_up_steps),
                         double(o.max_clicks_per_sign),
                         o.tumour_weight,
                         o.dice_weight,
                         o.lesion_dice_weight,
                         o.learning_rate,
                         o.final_learning_rate,
                         o.beta1,
                         o.beta2,
                         o.average_decay}) {
    words += std::to_string(v) + " ";
  }
  for (const double v : {o.altered_truth_share, o.click_weight}) {
    if (v != 0) words += "corrections=" + std::to_string(v) + " ";  // nothing for trainings that had no such option
  }
  for (const auto& [set, share] : o.mix) words += set + "=" + std::to_string(share) + " ";
  if (!o.init.empty()) words += "init=" + o.init + " ";
  return words + GuideWordsOf(o) + o.schedule + " " + o.dim + " " + o.precision;
}

class Training {
 public:
  Training(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           std::filesystem::path out)
      : options_(options),
        manifest_(manifest),
        out_(std::move(out)),
        network_(DinsNetwork::Initialised(options.width, DimVariantOf(manifest), options.seed)),
        chains_(static_cast<std::size_t>(options.click_chains)) {
    for (const PreparedCase& c : cases) {
      if (c.split == "train") train_.push_back(WithLesions(c));
      if (c.split == "choose") choose_.push_back(WithLesions(c));
    }
    if (train_.empty()) throw std::invalid_argument("no case of split 'train'");
    SetNetworkThreads(options.threads);
    if (!options.init.empty()) StartFrom(options.init);
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
    while (state_.step < Last()) {
      loss_sum += Step();
      ++loss_count;
      ++state_.step;
      const bool is_last = state_.step == Last();
      const double mean_loss = loss_sum / static_cast<double>(loss_count);
      std::optional<ValidationScore> score;
      if (state_.step % options_.validate_every == 0 || is_last) score = Choose(mean_loss);
      const bool is_report = state_.step % kReportEvery == 0 || score || is_last;
      const bool goes_on = !is_report || Report(on_training, mean_loss, score ? &*score : nullptr);
      if (is_report) {
        loss_sum = 0;
        loss_count = 0;
      }
      if (state_.step % options_.checkpoint_every == 0 || is_last || !goes_on) Save();
      if (is_last) SaveWeights(out_ / "last.safetensors", Averaged(), manifest_, StoredAs::kFloat16);
      if (!goes_on) return;
    }
  }

 private:
  [[nodiscard]] std::int64_t Last() const { return options_.stop_after > 0 ? options_.stop_after : options_.steps; }

  [[nodiscard]] DinsNetwork Averaged() const {
    return {options_.width, DimVariantOf(manifest_), Copies(optimizer_->average())};
  }

  void StartFrom(const std::filesystem::path& weights) {
    LoadedWeights loaded = LoadWeights(weights);
    if (loaded.manifest.width != options_.width || loaded.manifest.dim != options_.dim) {
      throw std::invalid_argument(weights.string() + ": is a network of another width or DIM");
    }
    CheckGuide(loaded.manifest, weights.string(), options_.guide, /*asks_sigma=*/false);
    network_ = std::move(loaded.network);
    manifest_.created_by += ", started from weights " + loaded.sha256;
  }

  void Resume() {
    TrainingCheckpoint loaded = LoadCheckpoint(out_ / "checkpoint.bin");
    if (loaded.options != state_.options) {
      throw std::runtime_error((out_ / "checkpoint.bin").string() +
                               ": was made with other options; use another folder");
    }
    const c10::NoGradGuard no_gradients;
    for (auto& [name, tensor] : network_.tensors()) tensor.copy_(loaded.tensors.at("weights/" + name));
    optimizer_->Restore(loaded.tensors);
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      chains_[i] = ChainFrom(loaded.tensors.at("chain/" + std::to_string(i)));
    }
    loaded.tensors.clear();
    state_ = std::move(loaded);
  }

  void Save() {
    state_.tensors = optimizer_->State();
    for (const auto& [name, tensor] : network_.tensors()) state_.tensors["weights/" + name] = tensor;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      state_.tensors["chain/" + std::to_string(i)] = ToTensor(chains_[i]);
    }
    SaveCheckpoint(out_ / "checkpoint.bin", state_);
    state_.tensors.clear();
  }

  double Step() {
    CounterRandom random(options_.seed, static_cast<std::uint64_t>(state_.step));
    const bool from_errors = random.Unit() < options_.error_click_share;
    ClickChain fresh;
    ClickChain& chain =
        from_errors ? chains_[static_cast<std::size_t>(random.Between(0, options_.click_chains - 1))] : fresh;
    const bool is_new = chain.born < 0;
    if (is_new) chain.born = state_.step;
    CounterRandom draw(options_.seed ^ kDrawSeed, static_cast<std::uint64_t>(chain.born));
    const TrainingCase& from = DrawCase(train_, options_, draw);
    Crop crop = DrawCrop(from, options_, draw);
    if (from_errors && !from.HasManyLesions() && draw.Unit() < options_.altered_truth_share) {
      AlterTruth(crop, NetworkVoxelOf(*from.prepared), draw);
    }
    if (is_new) chain.clicks = from_errors ? FirstClicks(crop) : DrawTrainingClicks(crop, options_, draw);
    at::Tensor mask = at::empty({1, crop.size.z, crop.size.y, crop.size.x}, at::kLong);
    std::copy(crop.mask.begin(), crop.mask.end(), mask.mutable_data_ptr<std::int64_t>());
    const c10::Device device(options_.device);
    const NetworkInput input = InputOf(crop, chain.clicks, GuideRuleFor(*from.prepared, options_));
    const at::Tensor logits = network_.Forward(ToTensor(input).to(device));
    const at::Tensor near_clicks = NearClicks(input).to(device);
    at::Tensor loss = SegmentationLoss(logits, mask.to(device), LossWeightsOf(options_), near_clicks);
    if (options_.lesion_dice_weight > 0) {
      const at::Tensor probability = at::softmax(logits[0], 0)[1];
      loss = loss + options_.lesion_dice_weight * LesionDiceLoss(probability, crop.mask, crop.size);
    }
    loss.backward();
    if (from_errors) Extend(chain, crop, TumourIn(logits), options_);
    optimizer_->Step(network_.tensors(), state_.step, LearningRate());
    return loss.item<double>();
  }

  static std::vector<std::uint8_t> TumourIn(const at::Tensor& logits) {
    const c10::NoGradGuard no_gradients;
    const at::Tensor tumour = (logits.select(1, 1) > logits.select(1, 0)).to(at::kCPU, at::kByte).contiguous();
    const std::uint8_t* voxels = tumour.const_data_ptr<std::uint8_t>();
    return {voxels, voxels + tumour.numel()};
  }

  [[nodiscard]] double LearningRate() const {
    return options_.schedule == "cosine" ? CosineLearningRate(options_, state_.step) : state_.learning_rate;
  }

  std::optional<ValidationScore> Choose(double loss) {
    FollowPlateau(loss);
    const DinsNetwork averaged = Averaged();
    if (choose_.empty()) {
      SaveWeights(out_ / "best.safetensors", averaged, manifest_, StoredAs::kFloat16);
      return std::nullopt;
    }
    std::unique_ptr<Segmenter> segmenter = MakeSegmenter(averaged, options_.device);
    if (manifest_.click_hold.IsOn()) segmenter = HoldingClicks(std::move(segmenter), manifest_.click_hold);
    const ValidationScore score = Validate(choose_, *segmenter, options_);
    if (score.Choosing() > state_.best_score) {
      state_.best_score = score.Choosing();
      SaveWeights(out_ / "best.safetensors", averaged, manifest_, StoredAs::kFloat16);
    }
    return score;
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
    const double rate = LearningRate();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const auto done = static_cast<double>(state_.step - first_step_);
    const double left = seconds / done * static_cast<double>(Last() - state_.step);
    std::ofstream log(out_ / "log.csv", std::ios::app);
    if (log.tellp() == 0) log << "step,loss,learning_rate,dsc_after_1,dsc_after_5,dsc_after_10,dsc_lesions\n";
    log << state_.step << ',' << loss << ',' << rate;
    if (score != nullptr) {
      log << ',' << score->after1 << ',' << score->after5 << ',' << score->after10 << ',';
      if (score->lesions) log << *score->lesions;
    } else {
      log << ",,,,";
    }
    log << '\n';
    return !on_training || on_training({state_.step, Last(), loss, rate, left, score});
  }

  TrainOptions options_;
  ModelManifest manifest_;
  std::filesystem::path out_;
  DinsNetwork network_;
  std::optional<Optimizer> optimizer_;
  TrainingCheckpoint state_;
  std::vector<ClickChain> chains_;
  std::vector<TrainingCase> train_;
  std::vector<TrainingCase> choose_;
  Clock::time_point begin_;
  std::int64_t first_step_ = 0;
};

}  // namespace

void Train(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           const std::filesystem::path& out, const OnTraining& on_training) {
  options.Check();
  CheckGuide(manifest, "the manifest of this training", options.guide, /*asks_sigma=*/false);
  Training(options, cases, manifest, out).Run(on_training);
}

}  // namespace dinsd
