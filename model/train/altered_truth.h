#pragma once

#include "gpu/voxel_types.h"
#include "model/train/counter_random.h"
#include "model/train/crop.h"

namespace dinsd {

/// Changes the truth of a crop in 1 to 3 places, so that only the clicks can tell what is wanted: a network that knows
/// its training cases by heart learns there to follow corrections. Each place is what lies within 15 to 45 mm of a
/// voxel near the boundary, by a path whose length grows where the intensity changes (GeodesicGuideMap), so that it
/// ends at edges of the image more often than not; it is taken out of the tumour where that voxel is tumour, and added
/// where it is not. A place that would leave no tumour is left alone. `voxel_mm` is the size of a voxel (z, y, x).
void AlterTruth(Crop& crop, const Vec3& voxel_mm, CounterRandom& random);

}  // namespace dinsd
