#pragma once

#include "gpu/mask_ops.h"
#include "gpu/voxel_types.h"
#include "pipeline/baseline/baseline_options.h"

namespace dinsd {

/// The window that a positive click opens where the user gives no box: half_mm to every side, inside the image.
[[nodiscard]] IndexBox WindowAround(const Index3& click, const Size3& size, const Vec3& spacing_mm,
                                    const WindowOptions& options);

/// Whether a click lies in a window, at least margin_mm from those of its sides that are not the image's.
[[nodiscard]] bool IsWellInside(const IndexBox& window, const Index3& click, const Size3& size, const Vec3& spacing_mm,
                                const WindowOptions& options);

}  // namespace dinsd
