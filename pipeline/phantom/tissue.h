#pragma once

#include "pipeline/phantom/noise_tile.h"

namespace dinsd {

/// How a tissue looks on STIR: a mean signal, and how far it varies around it (as a fraction) on three scales.
struct Tissue {
  float mean = 0;
  float fine = 0;        // 3.5 mm
  float medium = 0;      // 11 mm
  float coarse = 0;      // 45 mm
  float fat_planes = 0;  // share of thin dark sheets along the body's axis, as between muscles

  /// Signal at a place of the body.
  [[nodiscard]] float Signal(BodyPoint p, const NoiseTile& noise) const;
};

namespace tissue {

inline constexpr Tissue kSkin{165, 0.15F, 0.1F};
inline constexpr Tissue kFat{70, 0.1F, 0.25F, 0.15F};
inline constexpr Tissue kMuscle{190, 0.06F, 0.1F, 0.22F, 0.14F};
inline constexpr Tissue kCortex{25};
inline constexpr Tissue kRedMarrow{340, 0.08F, 0.14F, 0.18F};
inline constexpr Tissue kLimbMarrow{250, 0.08F, 0.2F, 0.4F};
inline constexpr Tissue kDisc{420, 0, 0.25F, 0.3F};
inline constexpr Tissue kFluid{930, 0.02F, 0.04F};
inline constexpr Tissue kCord{430, 0.05F};
inline constexpr Tissue kBrain{390, 0.05F, 0.22F, 0.06F};
inline constexpr Tissue kAir{8};
inline constexpr Tissue kLung{38, 0.4F, 0.3F};
inline constexpr Tissue kHeart{230, 0.1F, 0.45F};
inline constexpr Tissue kLiver{235, 0.05F, 0.05F, 0.12F};
inline constexpr Tissue kSpleen{520, 0.05F, 0.06F};
inline constexpr Tissue kKidney{560, 0.08F, 0.2F};
inline constexpr Tissue kGland{430, 0.15F, 0.12F};
inline constexpr Tissue kBowelWall{380, 0.1F, 0.15F};
inline constexpr Tissue kVein{590, 0.05F, 0.12F, 0.15F};
inline constexpr Tissue kArtery{70, 0.2F, 0.3F};
inline constexpr Tissue kNode{560, 0.08F, 0.1F};
inline constexpr Tissue kNerve{500, 0.1F, 0.12F, 0.12F};

}  // namespace tissue
}  // namespace dinsd
