#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// What a person made of one proposed click.
enum class ClickDecision {
  kKept,      // it is right
  kMoved,     // right, but elsewhere: by more than kMovedMm
  kRejected,  // it is wrong
  kAdded,     // nobody had proposed it
};

/// "kept", "moved", "rejected", "added".
[[nodiscard]] const char* Word(ClickDecision decision);

inline constexpr double kMovedMm = 0.5;

struct ReviewedClick {
  ClickDecision decision = ClickDecision::kKept;
  Polarity sign = Polarity::kPositive;
  std::optional<std::array<double, 3>> proposed_lps;  // mm; nothing where it was added
  std::optional<std::array<double, 3>> lps;           // where it counts; nothing where it was rejected
  double moved_mm = 0;
};

struct ReviewedLesion {
  std::string id;
  bool is_added = false;  // no lesion of that name was proposed
  std::vector<ReviewedClick> clicks;
  std::vector<std::string> changes = {};  // of type, depth, site and side, each as "laterality R (was L)"
};

/// Who looked at which proposal, when, and what changed.
struct ReviewRecord {
  std::string who;   // a pseudonym
  std::string when;  // RFC 3339
  std::string remark;
  std::string proposal_sha256;          // of the clicks that were proposed
  std::int64_t revision = 0;            // of the job, that proposed them; 0: not known
  std::vector<ReviewedLesion> lesions;  // those of the proposal in its order, then added ones
  int background_clicks = 0;            // that the person added for every lesion
};

/// The record in figures.
struct ReviewChanges {
  int kept = 0, moved = 0, rejected = 0, added = 0;  // clicks
  int lesions_added = 0;
};
[[nodiscard]] ReviewChanges ChangesOf(const ReviewRecord& record);
[[nodiscard]] ReviewChanges ChangesOf(const ReviewedLesion& lesion);

/// "12 clicks kept, 1 moved (by up to 7.5 mm), 2 rejected, 1 added; 1 lesion added; L1: laterality R (was L)". The
/// words of names and sites are those of the reviewed file: clean them before they are shown.
[[nodiscard]] std::string InWords(const ReviewRecord& record);
[[nodiscard]] std::string InWords(const ReviewedLesion& lesion);

}  // namespace dinsd
