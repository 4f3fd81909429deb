#pragma once

#include <cstdint>
#include <string>

namespace dinsd {

/// Which study is imitated.
enum class PhantomPreset {
  kWholeBodyA,  // 20 coronal slices of 1080x321 at 10 x 1.5625 x 1.5625 mm
  kWholeBodyB,  // 41 coronal slices of 1340x397 at 6 x 1.3 x 1.3 mm
  kSmall,       // 8 coronal slices of 96x64 at 10 x 2.5 x 2.5 mm: a thigh
};

/// How tumours change from one visit to the next.
enum class PhantomChanges {
  kUsual,  // some grow by 25 to 80 %, some shrink by 20 to 45 %, a third stays
  kWide,   // a third stays, others change by -60 to +150 %, uniform in the logarithm; without room to grow by
           // 1/f in place of f
};

inline constexpr int kMostTimepoints = 8;

struct PhantomOptions {
  PhantomPreset preset = PhantomPreset::kSmall;
  std::uint64_t seed = 1;
  int timepoint = 1;  // 1 .. 8; later ones show the same patient moved, with tumours changed
  PhantomChanges changes = PhantomChanges::kUsual;

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// The preset of "wbmri-a", "wbmri-b" or "small", and back. Throws std::invalid_argument for another name.
[[nodiscard]] PhantomPreset PhantomPresetFrom(const std::string& name);
[[nodiscard]] std::string NameOf(PhantomPreset preset);

}  // namespace dinsd
