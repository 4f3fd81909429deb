#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/study_registration.h"
#include "pipeline/read/volume.h"

namespace dinsd {

struct WarpLabelsOptions {
  double least_imaged_share = 0.5;  // of a lesion's voxels; below it the lesion is not_imaged
  double round_trip_mm = 10;        // in the plane, beyond which, or beyond one slice spacing, reg_roundtrip is raised

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// One lesion of the prior mask, brought over.
struct WarpedLesion {
  std::uint16_t label = 0;
  Point3 centre_prior{};  // LPS mm
  Point3 centre_today{};  // where that place lies today
  std::int64_t voxels_prior = 0;
  std::int64_t voxels_today = 0;  // of today's grid
  double share_imaged = 0;        // of its voxels that lie in today's field of view
  std::optional<double> round_trip_mm;
  // not_imaged: outside of today's field of view; partly_imaged; reg_roundtrip; thin: it fell between the slices of
  // today and was kept as the voxels nearest to it
  std::vector<std::string> flags;
};

struct WarpedLabels {
  LabelMap map;                       // on today's grid; the labels of the prior mask
  std::vector<WarpedLesion> lesions;  // every label of the prior mask, ascending
};

/// The prior mask on today's grid: each voxel has the label of the prior voxel that it comes from (nearest), so lesions
/// stay apart. A lesion in today's field of view that no voxel's middle falls into is not lost: it takes the free
/// voxels nearest to its own. Throws std::invalid_argument where the mask does not fill its grid.
[[nodiscard]] WarpedLabels WarpLabels(const LabelMap& prior, const GridGeometry& today,
                                      const StudyRegistration& registration, const WarpLabelsOptions& options = {});

/// The prior image on today's grid, linear between voxels; 0 outside of its field of view. Displacements are taken
/// every 8 mm and linear between.
[[nodiscard]] Volume WarpImage(const Volume& prior, const GridGeometry& today, const StudyRegistration& registration);

/// The prior image on today's grid as their positions say, unregistered: for pictures.
[[nodiscard]] Volume ResampleImage(const Volume& prior, const GridGeometry& today);

}  // namespace dinsd
