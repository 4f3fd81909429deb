#pragma once

#include <array>
#include <string>
#include <vector>

#include "pipeline/phantom/phantom_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// What is known about one tumour of a phantom.
struct PhantomLesion {
  std::string id;    // the same at every timepoint
  std::string site;  // in words, such as "sciatic nerve"
  bool is_plexiform = false;
  bool is_superficial = false;
  char laterality = 'U';     // L, R or B (across the middle)
  double analytic_ml = 0;    // volume of the shape itself
  double voxel_ml = 0;       // voxels of its label x voxel size
  double change_factor = 1;  // analytic volume / that at the timepoint before; 1 where there was none
  bool is_new = false;       // absent at the timepoint before
  std::vector<std::array<double, 3>> clicks_lps;  // positive, mm, inside the label; 1 to 3
};

/// A synthetic study with its truth.
struct Phantom {
  PhantomOptions options;
  Volume image;    // whole numbers from 0 upwards, coronal, i to the left, j to the feet, k to the back
  LabelMap truth;  // label n + 1 is lesions[n]
  std::vector<PhantomLesion> lesions;
  std::vector<std::string> removed_ids;  // there at the timepoint before, gone now
};

/// Makes a whole-body STIR-like study of a patient with neurofibromas (or a thigh, preset small) from smooth solids:
/// partial volume, coil bias, Rician noise, and many things as bright as tumours. Not a model of any real patient. The
/// same options give the same phantom, on any number of threads. Thread-safe. Throws std::invalid_argument (options).
[[nodiscard]] Phantom MakePhantom(const PhantomOptions& options);

}  // namespace dinsd
