#pragma once

#include <cstdint>

#include "pipeline/read/volume.h"

namespace dinsd {

/// What the scanner adds to the signals of a coronal volume, in place: in-plane blur of a pixel, coil sensitivity that
/// changes slowly over the body, Rician noise; then whole numbers. A function of seed and timepoint alone.
void AddScanEffects(Volume& volume, std::uint64_t seed, int timepoint);

}  // namespace dinsd
