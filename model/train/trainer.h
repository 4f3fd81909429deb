#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/model_manifest.h"
#include "model/train/case_file.h"
#include "model/train/train_options.h"
#include "model/train/validation.h"

namespace dinsd {

/// What a training tells of itself.
struct TrainingProgress {
  std::int64_t step = 0;  // finished steps
  std::int64_t of = 0;
  double loss = 0;  // running mean
  double learning_rate = 0;
  double seconds_left = 0;
  double minutes = 0;  // of wall time so far; of a training that may stop early, over all its runs
  const ValidationScore* validation = nullptr;  // where one was just made
};

/// Called after every 20th step and every validation; false ends the training at a checkpoint.
using OnTraining = std::function<bool(const TrainingProgress&)>;

/// Trains on the cases of split "train" and chooses by those of split "choose"; writes into `out`: checkpoint.bin
/// (resumed from when it is there; refused with other options), log.csv (step, loss, learning rate, scores, validation
/// loss) and last.safetensors (the averaged weights of the end) and best.safetensors (the averaged weights of the best
/// validation, or of the end where there is none to choose by). Ends after options.steps, or earlier where the
/// validation loss has not fallen for options.stop_patience validations and options.least_minutes are over. A step is a
/// function of (seed, step, weights, click chains): a resumed training gives the weights of an uninterrupted one on one
/// thread in float32. The bfloat16 convolutions are not reproducible to the last bit from one run of the program to the
/// next, so there it comes near.
void Train(const TrainOptions& options, const std::vector<PreparedCase>& cases, const ModelManifest& manifest,
           const std::filesystem::path& out, const OnTraining& on_training);

}  // namespace dinsd
