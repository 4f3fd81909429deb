#pragma once

#include <optional>
#include <vector>

#include "model/segmenter.h"
#include "model/train/train_options.h"
#include "model/train/training_case.h"

namespace dinsd {

/// What the cases kept for choosing say of the weights.
struct ValidationScore {
  // Cases with one lesion: mean DSC after 1, 5 and 10 simulated clicks on the whole volume.
  double after1 = 0;
  double after5 = 0;
  double after10 = 0;
  bool has_single = false;
  // Cases with several: mean DSC over lesions, each in a window round it with 1 to 3 clicks in every lesion of the
  // window, none of which corrects an error.
  std::optional<double> lesions;
  double loss = 0;  // the validation loss, see ValidationLoss; the trainer adds it

  /// What is maximised: the mean of the kinds that there are.
  [[nodiscard]] double Choosing() const;
};

/// Scores `cases`, which may be empty.
[[nodiscard]] ValidationScore Validate(const std::vector<TrainingCase>& cases, Segmenter& segmenter,
                                       const TrainOptions& options);

struct LesionScore {
  std::size_t voxels = 0;
  double dsc = 0;
};

/// DSC of each of (at most `most`, evenly picked) lesions of at least `smallest` voxels of a case with several: the
/// window has the size of options.crop, larger where the lesion is; of the prediction the parts count that the lesion's
/// clicks reach, without what belongs to other lesions.
[[nodiscard]] std::vector<LesionScore> LesionScores(const TrainingCase& from, Segmenter& segmenter,
                                                    const TrainOptions& options, std::size_t most,
                                                    std::size_t smallest);

}  // namespace dinsd
