#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pipeline/followup/spatial_map.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {

/// One patient of the longitudinal multiple sclerosis data (Lesjak et al., Neuroinformatics 2016): two visits and, by
/// the transforms that came with them, where each place of the brain lies in both.
struct MsPatient {
  Volume prior, today;
  std::vector<Point3> brain;  // places of today's image, LPS mm

  // y = matrix * x + offset of an Insight transform file.
  struct Affine {
    std::array<double, 9> matrix{};
    Point3 offset{};

    [[nodiscard]] Point3 Apply(const Point3& p) const {
      Point3 q = offset;
      for (std::size_t row = 0; row < 3; ++row) {
        for (std::size_t column = 0; column < 3; ++column) q[row] += matrix[row * 3 + column] * p[column];
      }
      return q;
    }
  };
  Affine prior_from_common, today_from_common;
  std::vector<Point3> prior_places;  // of `brain`, in the prior image
};

/// "Parameters: m00 .. m22 t0 t1 t2" and "FixedParameters: centre" of a MatrixOffsetTransformBase.
[[nodiscard]] inline MsPatient::Affine ReadInsightTransform(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::array<double, 12> p{};
  Point3 centre{};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    if (name == "Parameters:") {
      for (double& v : p) words >> v;
    } else if (name == "FixedParameters:") {
      for (double& v : centre) words >> v;
    }
  }
  MsPatient::Affine affine;
  std::copy(p.begin(), p.begin() + 9, affine.matrix.begin());
  for (std::size_t row = 0; row < 3; ++row) {
    affine.offset[row] = p[9 + row] + centre[row];
    for (std::size_t column = 0; column < 3; ++column)
      affine.offset[row] -= affine.matrix[row * 3 + column] * centre[column];
  }
  return affine;
}

/// A file "X_to_common_space.txt" is what a resampler needs to bring X into the common space: it takes places of the
/// common space to places of X.
[[nodiscard]] inline MsPatient ReadMsPatient(const std::filesystem::path& folder) {
  MsPatient patient;
  patient.prior = ReadVolumeFile(folder / "study1_FLAIR.nii.gz");
  patient.today = ReadVolumeFile(folder / "study2_FLAIR.nii.gz");
  patient.prior_from_common = ReadInsightTransform(folder / "study1_FLAIR_to_common_space.txt");
  patient.today_from_common = ReadInsightTransform(folder / "study2_FLAIR_to_common_space.txt");
  const LabelMap mask = ReadLabelFile(folder / "brainmask_common_space.nii.gz");
  std::size_t at = 0, seen = 0;
  for (std::int64_t k = 0; k < mask.grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < mask.grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < mask.grid.size[0]; ++i, ++at) {
        if (mask.labels[at] == 0 || ++seen % 499 != 0) continue;
        const Point3 common =
            LpsFromIndex(mask.grid, {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        patient.brain.push_back(patient.today_from_common.Apply(common));
        patient.prior_places.push_back(patient.prior_from_common.Apply(common));
      }
    }
  }
  return patient;
}

}  // namespace dinsd
