#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/model_manifest.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/volume.h"

namespace dinsd {

enum class PromptSpace { kLpsMm, kRasMm, kVoxelIjk };
enum class ClickStatus { kUnset, kVerified, kProposed, kRejected };

// The `place` of a click, box or lesion that was converted from another program's file is where it stands in that file,
// a JSON pointer or a line; empty in a dinsd-prompts/1 file, where its JSON pointer says it (see PlaceOr).

/// One click as the file gives it; `p` is in the file's space, i, j, k or x, y, z.
struct PromptClick {
  std::array<double, 3> p{};
  Polarity sign = Polarity::kPositive;
  std::optional<int> order;
  ClickStatus status = ClickStatus::kUnset;
  std::optional<double> confidence;
  std::string sop_instance_uid;
  std::string place;
};

struct PromptBox {
  std::array<double, 3> min{};
  std::array<double, 3> max{};
  std::optional<int> click_budget;  // of a simulated reader in this box
  std::string place;
};

struct PromptSigma {
  SigmaUnit unit = SigmaUnit::kImageVoxel;
  Vec3 zyx;
};

struct PromptCode {
  std::string value, scheme, meaning;
};

struct PromptPrior {
  std::string sop_instance_uid;
  std::optional<int> segment_number;
  std::optional<int> roi_number;
};

struct PromptLesion {
  std::string id;
  std::string tracking_uid;
  std::string type;        // plexiform, discrete, unspecified or empty
  std::string depth;       // superficial, internal, unspecified or empty
  std::string laterality;  // L, R, B, U or empty
  std::optional<PromptCode> site;
  std::vector<PromptClick> clicks;
  std::optional<PromptBox> box;
  std::optional<PromptSigma> sigma;
  std::optional<PromptPrior> prior;
  std::string place;
};

/// The image that the prompts were made on.
struct PromptImage {
  std::string study_uid, series_uid, frame_of_reference_uid, stack_id, sha256;
  std::optional<GridGeometry> grid;
};

struct PromptProvenance {
  std::string source;   // human, simulated, propagated, imported
  std::string created;  // RFC 3339
  std::string tool, tool_version, operator_pseudonym, imported_from;
  std::string remark;  // a person's own words
  std::optional<std::int64_t> rng_seed;
};

/// The clicks and boxes of one image: the sidecar `dinsd-prompts/1`.
struct Prompts {
  PromptImage image;
  PromptSpace space = PromptSpace::kLpsMm;
  std::optional<PromptSigma> sigma;
  std::vector<PromptLesion> lesions;
  std::vector<PromptClick> background;
  PromptProvenance provenance;
  std::vector<std::string> warnings;  // of what another program's file holds and is no prompt
};

/// Parses and checks a sidecar: the schema that is shipped in pipeline/prompt/schema, duplicate keys, finite numbers,
/// and CheckPrompts. Throws InputError (verdict kNeedsPrompts) that names `file`, the JSON pointer and the value:
/// PROMPT_SCHEMA (also for clicks that were made before 1900 or in the future of `unix_now`, see FaultOfDay),
/// PROMPT_NOT_FINITE and those of CheckPrompts. Thread-safe.
[[nodiscard]] Prompts ParsePrompts(std::span<const std::byte> bytes, const std::string& file,
                                   std::int64_t unix_now = UnixNow());

/// The rules that neither a schema can state nor a grid is needed for, whatever format the prompts came in. Throws
/// InputError (verdict kNeedsPrompts): PROMPT_SIGN_CONFLICT (`+` in background), PROMPT_NO_POSITIVE (a lesion whose
/// clicks, but for rejected ones, are all negative, without box and prior), PROMPT_PRIOR_NEGATIVE (a `-` click in a
/// propagated file, or a proposed one on a lesion with a prior), PROMPT_DUPLICATE_LESION.
void CheckPrompts(const Prompts& prompts, const std::string& file);

/// The objects (SOPInstanceUID) that lesions without clicks and box name as their prior: clicks for them are to be
/// proposed from there. Sorted, each once.
[[nodiscard]] std::vector<std::string> PriorObjectsOf(const Prompts& prompts);

/// Where an error about a click, box or lesion points: its `place` in the file that a person wrote, else `pointer`.
[[nodiscard]] inline std::string PlaceOr(const std::string& place, const std::string& pointer) {
  return place.empty() ? pointer : place;
}

/// The same prompts as a JSON document that ParsePrompts reads back; without places, which are another file's.
[[nodiscard]] nlohmann::json PromptsToJson(const Prompts& prompts);

/// What a click's status is, once the source of its file is known: unset is verified for human and imported clicks,
/// else proposed. Never kUnset.
[[nodiscard]] ClickStatus StatusOf(const PromptClick& click, const PromptProvenance& provenance);

}  // namespace dinsd
