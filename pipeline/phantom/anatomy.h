#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/phantom/shape.h"
#include "pipeline/phantom/tissue.h"

namespace dinsd {

/// A solid with its tissue; `inset` mm are taken off its surface.
struct Paint {
  Shape shape;
  float inset = 0;
  Tissue tissue;
  float soft_mm = 0;  // width of the edge, at least a pixel's
  float opacity = 1;
};

/// A way along which tumours may grow.
struct NervePath {
  std::string site;               // in words, such as "sciatic nerve"
  std::vector<BodyPoint> points;  // from the spine outwards
  float radius = 2;               // of the nerve, mm
  float capacity_ml = 50;         // the largest tumour that finds room there
  bool is_superficial = false;
};

/// The body at rest, in body coordinates: head up, arms at the sides, from z = 830 (crown) to z = -830 (feet).
struct Anatomy {
  std::vector<Paint> paints;        // later ones lie over earlier ones
  std::size_t soft_tissue_end = 0;  // how many of them are skin, fat and muscle
  std::vector<Shape> outline;       // together the body's surface
  std::vector<NervePath> nerves;

  /// Distance to the body's surface in mm, negative inside.
  [[nodiscard]] float OutlineDistance(BodyPoint p) const;
  /// A tube through the points, its radius changing evenly from one end to the other.
  void AddTube(const std::vector<BodyPoint>& points, float radius_from, float radius_to, const Tissue& tissue);
};

/// Builds the body of a patient; a function of the seed alone.
[[nodiscard]] Anatomy BuildAnatomy(std::uint64_t seed);

// The parts of BuildAnatomy, in the order in which they are laid over one another. Each draws from a stream of its own.
void AddSoftTissue(Anatomy& body, std::uint64_t seed);
void AddBones(Anatomy& body, std::uint64_t seed);
void AddOrgans(Anatomy& body, std::uint64_t seed);
void AddVessels(Anatomy& body, std::uint64_t seed);
void AddNerves(Anatomy& body, std::uint64_t seed);

/// Points on the way from `from` to `to`, every `step` mm or closer, that stray up to `wiggle` mm.
[[nodiscard]] std::vector<BodyPoint> WindingPath(std::uint64_t seed, std::uint64_t stream,
                                                 const std::vector<BodyPoint>& through, float step, float wiggle);

/// Streams of random numbers, so that no part of the phantom shifts the draws of another.
enum PhantomStream : std::uint64_t {
  kTextureStream = 1,
  kWarpStream,
  kPatientStream,
  kSoftTissueStream,
  kBoneStream,
  kOrganStream,
  kVesselStream,
  kNerveStream,
  kLesionStream,
  kLookalikeStream,
  kMotionStream,
  kBiasStream,
  kClickStream,
  kIdentityStream,
  kStationStream,
  kPathStream = 1000,
  kScanNoiseStream = 1000000,
};

}  // namespace dinsd
