#include "pipeline/read/series_facts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string_view>

#include "pipeline/read/dicom_geometry.h"

namespace dinsd {
namespace {

constexpr double kAlongAxis = 0.8;  // cosine

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

template <typename Words>
bool HoldsAny(const std::string& text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return text.find(w) != std::string::npos; });
}

std::string NamesOf(const DicomInstance& first) {
  return Lower(first.series_description + " " + first.protocol);
}

bool HasImageType(const DicomInstance& first, std::string_view word) {
  return std::any_of(first.image_type.begin(), first.image_type.end(),
                     [&](const std::string& value) { return value.find(word) != std::string::npos; });
}

bool IsDiffusion(const DicomInstance& first) {
  return HasImageType(first, "DIFFUSION") || HasImageType(first, "ADC") ||
         HoldsAny(NamesOf(first), std::array{"diff", "dwi", "adc"});
}

// STIR by name, or an inversion recovery whose inversion time nulls fat.
bool IsStir(const DicomInstance& first) {
  if (HoldsAny(NamesOf(first), std::array{"stir", "tirm"})) return true;
  constexpr double kShortest = 100, kLongest = 250;  // ms
  if (first.inversion_time_ms) return *first.inversion_time_ms >= kShortest && *first.inversion_time_ms <= kLongest;
  const auto& sequence = first.scanning_sequence;
  return std::find(sequence.begin(), sequence.end(), "IR") != sequence.end() &&
         !HoldsAny(NamesOf(first), std::array{"flair", "t1", "mprage"});
}

bool IsFatSaturatedT2(const DicomInstance& first) {
  const std::string names = NamesOf(first);
  const auto t2 = names.find("t2");
  return t2 != std::string::npos && HoldsAny(names.substr(t2), std::array{"fs", "fat", "spair", "spir", "_we"});
}

}  // namespace

bool IsComposed(const DicomInstance& first) {
  return HasImageType(first, "COMPOSED") || HoldsAny(NamesOf(first), std::array{"compos", "stitch"});
}

bool IsLocalizer(const DicomInstance& first) {
  return HasImageType(first, "LOCALIZER") ||
         HoldsAny(NamesOf(first), std::array{"localizer", "localiser", "scout", "survey"});
}

SliceOrientation OrientationOfSlices(const DicomInstance& first) {
  if (!first.orientation) return SliceOrientation::kAny;
  const Vector3 normal = AxesOf(first).normal;
  if (std::abs(normal[0]) > kAlongAxis) return SliceOrientation::kSagittal;
  if (std::abs(normal[1]) > kAlongAxis) return SliceOrientation::kCoronal;
  return std::abs(normal[2]) > kAlongAxis ? SliceOrientation::kAxial : SliceOrientation::kAny;
}

std::string SequenceOf(const DicomInstance& first) {
  if (IsDiffusion(first)) return "dwi";
  if (IsStir(first)) return "stir";
  if (IsFatSaturatedT2(first)) return "t2fs";
  if (HoldsAny(NamesOf(first), std::array{"t1"})) return "t1";
  return HoldsAny(NamesOf(first), std::array{"t2"}) ? "t2" : "";
}

}  // namespace dinsd
