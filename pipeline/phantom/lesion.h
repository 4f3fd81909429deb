#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/phantom/anatomy.h"
#include "pipeline/phantom/phantom_options.h"
#include "pipeline/phantom/warp.h"

namespace dinsd {

/// A ball of a tumour.
struct Lobule {
  BodyPoint centre;
  float radius = 0;
};

/// How a tumour looks inside.
struct LesionLook {
  float level = 450;      // signal
  float core = 0.3F;      // how much darker its centre is, as a fraction ("target sign")
  float texture = 0.3F;   // clumps of 5 mm
  float septa = 0.1F;     // share of dark septa
  float capsule = 0.6F;   // share of its surface with a thin dark line around
  BodyPoint gradient;     // change of signal per mm, as a fraction
  float grain_shift = 0;  // where in the noise it takes its grain from
};

/// One tumour of the patient's history, at rest in body coordinates.
struct LesionPlan {
  std::string id;
  std::string site;
  bool is_plexiform = false;
  bool is_superficial = false;
  std::vector<Lobule> lobules;
  LesionLook look;
  std::vector<double> volume_ml;  // per timepoint; 0 = not there

  [[nodiscard]] double VolumeMl(int timepoint) const { return volume_ml[static_cast<std::size_t>(timepoint - 1)]; }
};

/// A tumour's solid in the scanner: balls that melt into one another, with an uneven surface.
class LesionShape {
 public:
  /// The plan's balls where the warp puts them, their radii scaled until the solid has `volume_ml` (within 0.3 %).
  LesionShape(const LesionPlan& plan, double volume_ml, const Warp& warp, const NoiseTile& noise);
  /// The same in body coordinates, for planning.
  LesionShape(const LesionPlan& plan, double volume_ml, const NoiseTile& noise);

  /// mm, negative inside; good near the surface.
  [[nodiscard]] float Distance(BodyPoint p) const;
  [[nodiscard]] const BodyBox& box() const { return box_; }
  [[nodiscard]] double volume_ml() const { return volume_ml_; }
  [[nodiscard]] float largest_radius() const { return largest_; }
  [[nodiscard]] const std::vector<Lobule>& lobules() const { return lobules_; }
  [[nodiscard]] BodyPoint centre() const { return lobules_.front().centre; }
  /// Signal at p, `distance` from the surface.
  [[nodiscard]] float Signal(BodyPoint p, float distance) const;
  /// Opacity of the dark line outside the surface.
  [[nodiscard]] float CapsuleAt(BodyPoint p, float distance) const;

 private:
  void Fit(double volume_ml);
  void Measure();

  std::vector<Lobule> lobules_;
  LesionLook look_;
  const NoiseTile* noise_;
  float largest_ = 0;
  BodyBox box_;
  double volume_ml_ = 0;
};

/// The patient's tumours over all timepoints: 5 to 60 at the first (2 to 4 in preset small), six of ten of 0.2 to 5 mL,
/// the others of 5 to 300 mL as far as their site has room. `field` is what the scanner sees, in body coordinates.
[[nodiscard]] std::vector<LesionPlan> PlanLesions(const PhantomOptions& options, const Anatomy& body,
                                                  const NoiseTile& noise, const BodyBox& field);

/// Adds to the body what can be mistaken for tumours: veins, nodes, cysts and oedema that touch them and others that do
/// not.
void AddLookalikes(Anatomy& body, std::uint64_t seed, const std::vector<LesionPlan>& plans, const BodyBox& field);

}  // namespace dinsd
