#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/phantom/phantom.h"

namespace dinsd {

/// Names of the phantom's patient, study and series; UIDs below 2.25 are made of SHA-256 over preset, seed and
/// timepoint.
struct PhantomIdentity {
  std::string patient;     // pseudonym
  std::string study_date;  // YYYY-MM-DD; half a year from one timepoint to the next
  std::string study_uid;
  std::string series_uid;
  std::string frame_of_reference_uid;
  double weight_kg = 0;
  double size_m = 0;
  double age_years = 0;
};

[[nodiscard]] PhantomIdentity IdentityOf(const PhantomOptions& options);

/// A UID for anything else of the phantom, told apart by `what`.
[[nodiscard]] std::string PhantomUid(const PhantomOptions& options, const std::string& what);

/// The sidecar's clicks (dinsd-prompts/1); `image` names what they belong to.
[[nodiscard]] nlohmann::ordered_json PromptsJson(const Phantom& phantom, const nlohmann::ordered_json& image);

/// What is true about each tumour.
[[nodiscard]] nlohmann::ordered_json TruthJson(const Phantom& phantom);

}  // namespace dinsd
