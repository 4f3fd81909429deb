#include "model/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "model/baseline/nnunet_plan.h"
#include "model/click_hold.h"
#include "model/device.h"
#include "model/network_factory.h"
#include "model/network_kind.h"
#include "model/network_segmenter_internal.h"
#include "model/train/altered_truth.h"
#include "model/train/checkpoint.h"
#include "model/train/click_chain.h"
#include "model/train/crop.h"
#include "model/train/crop_loss.h"
#include "model/train/optimizer.h"
#include "model/train/training_case.h"
#include "model/train/training_clicks.h"
#include "model/train/training_guide.h"
#include "model/train/validation.h"
#include "model/train/validation_loss.h"
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

// Nothing for what trainings had before there were other networks.
std::string NetworkWordsOf(const TrainOptions& o) {
  const TrainOptions plain;
  std::string words;
  if (o.network != plain.network) words.append("network=").append(o.network).append(" ");
  if (o.optimizer != plain.optimizer) words.append("optimizer=").append(o.optimizer).append(" ");
  for (const double v : {o.weight_decay, o.gradient_clip}) {
    if (v != 0) words.append("gradients=").append(std::to_string(v)).append(" ");
  }
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
  if (o.lesion_volume_weight != 0) words += "volumes=" + std::to_string(o.lesion_volume_weight) + " ";
  for (const auto& [set, share] : o.mix) words += set + "=" + std::to_string(share) + " ";
  if (!o.init.empty()) words += "init=" + o.init + " ";
  return words + NetworkWordsOf(o) + GuideWordsOf(o) + o.schedule + " " + o.dim + " " + o.precision;
}

// The manifest of the weights that a training makes; the stages of a planned network follow from its cases and crops.
ModelManifest BoundTo(ModelManifest manifest, const TrainOptions& options, const std::vector<PreparedCase>& cases) {
  manifest.network = options.network;
  manifest.width = options.width;
  if (!IsPlanned(NetworkKindFrom(options.network).value())) return manifest;
  DataFingerprint prepared;
  for (const PreparedCase& c : cases) {
    if (c.split != "train") continue;
    prepared.sizes.push_back(c.size);
    prepared.spacings_mm.push_back(NetworkVoxelOf(c));
  }
  if (!prepared.sizes.empty()) manifest.stages = StagesForCrop(prepared, options.crop);
  return manifest;
}

class Training {
 public:
  Training(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           std::filesystem::path out)
      : options_(options),
        manifest_(BoundTo(manifest, options, cases)),
        is_automatic_(IsAutomatic(NetworkKindFrom(options.network).value())),
        out_(std::move(out)),
        chains_(static_cast<std::size_t>(options.click_chains)) {
    for (const PreparedCase& c : cases) {
      if (c.split == "train") train_.push_back(WithLesions(c));
      if (c.split == "choose") choose_.push_back(WithLesions(c));
    }
    if (train_.empty()) throw std::invalid_argument("no case of split 'train'");
    if (choose_.empty() && options.stop_patience > 0) {
      throw std::invalid_argument("stop_patience needs a case of split 'choose'");
    }
    SetNetworkThreads(options.threads);
    network_ = InitialisedNetwork(manifest_, options.seed);
    if (!options.init.empty()) StartFrom(options.init);
    network_->To(options.device);
    if (options.precision == "bf16") network_->Use(Precision::kBfloat16);
    for (auto& [name, tensor] : network_->tensors()) tensor.requires_grad_();
    optimizer_.emplace(network_->tensors(), options);
    if (is_automatic_) options_.error_click_share = options_.click_weight = 0;  // it has no clicks
    if (options.stop_patience > 0) state_.patience.emplace();
    state_.learning_rate = options.learning_rate;
    state_.options = Words(options);
    std::filesystem::create_directories(out_);
    if (std::filesystem::exists(out_ / "checkpoint.bin")) Resume();
  }

  void Run(const OnTraining& on_training) {
    begin_ = Clock::now();
    first_step_ = state_.step;
    minutes_before_ = state_.patience ? state_.patience->minutes : 0;
    double loss_sum = 0;
    std::int64_t loss_count = 0;
    while (state_.step < Last() && !IsOutOfPatience()) {
      loss_sum += Step();
      ++loss_count;
      ++state_.step;
      const double mean_loss = loss_sum / static_cast<double>(loss_count);
      std::optional<ValidationScore> score;
      if (state_.step % options_.validate_every == 0 || state_.step == Last()) score = Choose(mean_loss);
      const bool is_last = state_.step == Last() || IsOutOfPatience();
      const bool is_report = state_.step % kReportEvery == 0 || score || is_last;
      const bool goes_on = !is_report || Report(on_training, mean_loss, score ? &*score : nullptr);
      if (is_report) {
        loss_sum = 0;
        loss_count = 0;
      }
      if (state_.step % options_.checkpoint_every == 0 || is_last || !goes_on) Save();
      if (is_last) SaveWeights(out_ / "last.safetensors", *Averaged(), manifest_, StoredAs::kFloat16);
      if (!goes_on) return;
    }
  }

 private:
  [[nodiscard]] std::int64_t Last() const { return options_.stop_after > 0 ? options_.stop_after : options_.steps; }

  [[nodiscard]] std::unique_ptr<Network> Averaged() const {
    return MakeNetwork(manifest_, Copies(optimizer_->average()));
  }

  [[nodiscard]] bool IsOutOfPatience() const { return state_.patience && state_.patience->is_over; }

  [[nodiscard]] bool IsLongEnough(const Patience& patience) const {
    return patience.stale >= options_.stop_patience && patience.minutes >= options_.least_minutes;
  }

  void FollowPatience(double validation_loss) {
    if (!state_.patience) return;
    Patience& patience = *state_.patience;
    patience.stale = validation_loss < patience.lowest_loss ? 0 : patience.stale + 1;
    patience.lowest_loss = std::min(patience.lowest_loss, validation_loss);
    patience.minutes = MinutesSoFar();
    patience.is_over = IsLongEnough(patience);
  }

  [[nodiscard]] double MinutesSoFar() const {
    return minutes_before_ + std::chrono::duration<double>(Clock::now() - begin_).count() / 60;
  }

  void StartFrom(const std::filesystem::path& weights) {
    LoadedWeights loaded = LoadWeights(weights, TakenNetworks::kAny);
    if (loaded.manifest.network != options_.network || loaded.manifest.width != options_.width ||
        loaded.manifest.dim != manifest_.dim || loaded.manifest.stages != manifest_.stages) {
      throw std::invalid_argument(weights.string() + ": is another network, or one of another width or DIM");
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
    for (auto& [name, tensor] : network_->tensors()) tensor.copy_(loaded.tensors.at("weights/" + name));
    optimizer_->Restore(loaded.tensors);
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      chains_[i] = ChainFrom(loaded.tensors.at("chain/" + std::to_string(i)));
    }
    loaded.tensors.clear();
    state_ = std::move(loaded);
    if (options_.stop_patience == 0) state_.patience.reset();
    if (options_.stop_patience > 0 && !state_.patience) state_.patience.emplace();
    if (state_.patience) state_.patience->is_over &= IsLongEnough(*state_.patience);  // it may have been given more
  }

  void Save() {
    state_.tensors = optimizer_->State();
    if (state_.patience) state_.patience->minutes = MinutesSoFar();
    for (const auto& [name, tensor] : network_->tensors()) state_.tensors["weights/" + name] = tensor;
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
    if (is_new && !is_automatic_) {
      chain.clicks = from_errors ? FirstClicks(crop) : DrawTrainingClicks(crop, options_, draw);
    }
    const NetworkInput input = InputOf(crop, chain.clicks, GuideRuleFor(*from.prepared, options_));
    const auto outputs = network_->ForwardForTraining(ToTensor(input).to(c10::Device(options_.device)));
    const at::Tensor loss = CropLoss(outputs, crop, input, options_);
    loss.backward();
    if (from_errors) Extend(chain, crop, TumourIn(outputs.front().logits), options_);
    optimizer_->Step(network_->tensors(), state_.step, LearningRate());
    return loss.item<double>();
  }

  static std::vector<std::uint8_t> TumourIn(const at::Tensor& logits) {
    const c10::NoGradGuard no_gradients;
    const at::Tensor tumour = (logits.select(1, 1) > logits.select(1, 0)).to(at::kCPU, at::kByte).contiguous();
    const std::uint8_t* voxels = tumour.const_data_ptr<std::uint8_t>();
    return {voxels, voxels + tumour.numel()};
  }

  [[nodiscard]] double LearningRate() const {
    return options_.schedule == "plateau" ? state_.learning_rate : ScheduledLearningRate(options_, state_.step);
  }

  std::optional<ValidationScore> Choose(double loss) {
    std::unique_ptr<Network> averaged = Averaged();
    if (choose_.empty()) {
      FollowPlateau(loss);
      SaveWeights(out_ / "best.safetensors", *averaged, manifest_, StoredAs::kFloat16);
      return std::nullopt;
    }
    const double validation_loss = ValidationLoss(choose_, *averaged, options_);
    FollowPlateau(validation_loss);
    FollowPatience(validation_loss);
    std::unique_ptr<Segmenter> segmenter = MakeSegmenter(std::move(averaged), manifest_, options_.device);
    if (manifest_.click_hold.IsOn()) segmenter = HoldingClicks(std::move(segmenter), manifest_.click_hold);
    ValidationScore score = Validate(choose_, *segmenter, options_);
    score.loss = validation_loss;
    if (score.Choosing() > state_.best_score) {
      state_.best_score = score.Choosing();
      SaveWeights(out_ / "best.safetensors", *Averaged(), manifest_, StoredAs::kFloat16);
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

  static Network::Tensors Copies(const Network::Tensors& tensors) {
    Network::Tensors copies;
    for (const auto& [name, tensor] : tensors) copies[name] = tensor.detach().clone();
    return copies;
  }

  bool Report(const OnTraining& on_training, double loss, const ValidationScore* score) {
    const double rate = LearningRate();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const auto done = static_cast<double>(state_.step - first_step_);
    const double left = seconds / done * static_cast<double>(Last() - state_.step);
    std::ofstream log(out_ / "log.csv", std::ios::app);
    if (log.tellp() == 0)
      log << "step,loss,learning_rate,dsc_after_1,dsc_after_5,dsc_after_10,dsc_lesions,validation_loss\n";
    log << state_.step << ',' << loss << ',' << rate;
    if (score != nullptr) {
      log << ',' << score->after1 << ',' << score->after5 << ',' << score->after10 << ',';
      if (score->lesions) log << *score->lesions;
      log << ',' << score->loss;
    } else {
      log << ",,,,,";
    }
    log << '\n';
    return !on_training || on_training({state_.step, Last(), loss, rate, left, MinutesSoFar(), score});
  }

  TrainOptions options_;
  ModelManifest manifest_;
  bool is_automatic_;
  std::filesystem::path out_;
  std::unique_ptr<Network> network_;
  std::optional<Optimizer> optimizer_;
  TrainingCheckpoint state_;
  std::vector<ClickChain> chains_;
  std::vector<TrainingCase> train_;
  std::vector<TrainingCase> choose_;
  Clock::time_point begin_;
  std::int64_t first_step_ = 0;
  double minutes_before_ = 0;  // of earlier runs
};

}  // namespace

void Train(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           const std::filesystem::path& out, const OnTraining& on_training) {
  options.Check();
  CheckGuide(manifest, "the manifest of this training", options.guide, /*asks_sigma=*/false);
  Training(options, cases, manifest, out).Run(on_training);
}

}  // namespace dinsd
