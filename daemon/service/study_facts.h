#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/study.h"
#include "storage/history.h"
#include "storage/job_records.h"

namespace dinsd {

/// What the queue may keep of a study's identity. A manifest's patient is a pseudonym by its schema and is kept as it
/// is; a DICOM header's PatientID may be anything and is kept as a digest salted by `salt` (the service's own), as is
/// the StudyInstanceUID.
[[nodiscard]] StudyFacts FactsOf(const std::string& salt, const StudyIdentity& identity, bool has_manifest);

/// Those of a published result, from its report.json; nothing where that cannot be read.
[[nodiscard]] std::optional<StudyFacts> FactsOfResult(const std::string& salt, const std::filesystem::path& result);

/// What a published result says of itself, from its report.json and provenance.json; nothing where they cannot be read.
[[nodiscard]] std::optional<ResultFacts> ResultFactsOf(const std::string& salt, const std::filesystem::path& result);

/// What a published result says of clicks that were proposed, and of the study that they were proposed from.
struct FollowedFacts {
  bool is_preliminary = false;
  std::string clicks_digest;   // ProposalDigest of its prompts.json: by that a review names it
  bool is_reviewed = false;    // a person's review made it
  std::int64_t prior_job = 0;  // 0: it was not followed
  std::int64_t prior_revision = 0;
  std::string prior_method;
};

/// Those, from its prompts.json and report.json; nothing where they cannot be read.
[[nodiscard]] std::optional<FollowedFacts> FollowedFactsOf(const std::filesystem::path& result);

/// The weights that a published result was measured with; empty where no network measured it, or that cannot be told.
[[nodiscard]] std::string WeightsOfResult(const std::filesystem::path& result);

/// The SOPInstanceUIDs by which clicks may name a lesion of a published result: of its DICOM objects and of those that
/// it was imported from, from its provenance.json; none where that cannot be read.
[[nodiscard]] std::vector<std::string> ObjectsOfResult(const std::filesystem::path& result);

/// The ImagesDigest of a published result, from its provenance.json; empty where that cannot be told.
[[nodiscard]] std::string ImagesOfResult(const std::filesystem::path& result);

/// Whether the queue's word for a patient and this identity mean one person: a manifest that came or went beside DICOM
/// files changes the word, not the person. Both must name somebody.
[[nodiscard]] bool IsSamePatient(const std::string& salt, const std::string& known, const StudyIdentity& identity);

}  // namespace dinsd
