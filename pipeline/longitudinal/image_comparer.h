#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/followup/registration_options.h"
#include "pipeline/followup/registration_use.h"
#include "pipeline/followup/study_registration.h"
#include "pipeline/longitudinal/place_comparison.h"
#include "pipeline/longitudinal/study_shelf.h"

namespace dinsd {

/// Words for people and a share in [0, 1].
using OnLongitudinalProgress = std::function<void(const std::string& words, double share)>;

struct ComparingOptions {
  RegistrationCache cache;
  RegistrationOptions registration;
  MatchOptions match;
};

/// Compares two timepoints by registering their images (RegisterOnce) and
/// bringing the earlier mask over. Where the later study was followed from the earlier one, its own prior_mask.nii.gz
/// says the same without images, unless the earlier result was revised since. A lesion of which no voxel comes to lie
/// in the later image is not imaged. The earlier study is tried mirrored, too. What speaks so much against the two
/// being one body that a prior would be refused ends the comparison; the rest is told. Not thread-safe; all must
/// outlive it.
class ImageComparer {
 public:
  ImageComparer(const std::vector<PatientTimepoint>& timepoints, StudyShelf& shelf, ComparingOptions options,
                OnLongitudinalProgress progress)
      : timepoints_(timepoints), shelf_(shelf), options_(std::move(options)), progress_(std::move(progress)) {}

  [[nodiscard]] PlaceAnswer Compare(const PlaceQuestion& question);

 private:
  [[nodiscard]] PlaceAnswer ByImages(const PlaceQuestion& question);
  [[nodiscard]] PlaceAnswer ByPriorMask(const PlaceQuestion& question) const;
  [[nodiscard]] bool IsFollowed(const PlaceQuestion& question) const;
  [[nodiscard]] OnRegistrationProgress ProgressOf(const PlaceQuestion& question) const;

  const std::vector<PatientTimepoint>& timepoints_;
  StudyShelf& shelf_;
  ComparingOptions options_;
  OnLongitudinalProgress progress_;
};

}  // namespace dinsd
