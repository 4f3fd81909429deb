#include "pipeline/phantom/tissue.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

BodyPoint Scaled(BodyPoint p, float mm, float shift) {
  return {p.x / mm + shift, p.y / mm, p.z / mm - shift};
}

}  // namespace

float Tissue::Signal(BodyPoint p, const NoiseTile& noise) const {
  float factor = 1;
  if (fine > 0) factor += fine * noise.At(Scaled(p, 3.5F, 0));
  if (medium > 0) factor += medium * noise.At(Scaled(p, 11, 17));
  if (coarse > 0) factor += coarse * noise.At(Scaled(p, 45, 31));
  const float signal = mean * factor;
  if (fat_planes <= 0) return signal;
  // Where slow noise, drawn out along the body, crosses zero there is a sheet; the fat in it is thin and seldom full.
  const float level = std::abs(noise.At({p.x / 30 + 5, p.y / 34, p.z / 190}));
  const float fat = std::clamp(1.6F - 1.6F * level / fat_planes, 0.0F, 0.85F);
  return signal + fat * (tissue::kFat.mean - signal);
}

}  // namespace dinsd
