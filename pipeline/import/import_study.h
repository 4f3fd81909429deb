#pragma once

#include <filesystem>
#include <string>

#include "pipeline/import/import_options.h"
#include "pipeline/segment_study.h"

namespace dinsd {

/// One study whose mask others made.
struct ImportRequest {
  std::filesystem::path root;  // the study's folder
  InspectedStudy study;        // what InspectStudy said
  StudyReadOptions read;
  SegmentOptions options;  // measurable_slices alone counts
  ImportOptions import;
  std::string mask_sha256;  // of the mask that was queued (ImportedMask::sha256)
  std::string created;      // RFC 3339, of the import
};

/// A study as a result without a network: its mask is the one that others made (FindMask), its volumes are measured
/// from that mask as of any other; a lesion in several pieces is warned of. The result is final, has no clicks and no
/// weights, and says `imported`. Throws InputError: INPUT_CHANGED where the mask is no longer the one that was queued;
/// those of FindMask and ReadStudyImage; StudyStopped.
[[nodiscard]] StudyResult ImportStudy(const ImportRequest& request, const OnStudyProgress& progress);

}  // namespace dinsd
