#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/import/import_options.h"
#include "pipeline/import/imported_mask.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// What of a study's mask_files is a mask of its chosen image.
struct FoundMask {
  std::optional<ImportedMask> mask;    // nothing: none is taken
  LabelMap labels;                     // of `mask`, on the image's grid
  std::vector<std::string> not_taken;  // "FILE: why", no text of an object in it: of files, segments and regions
};

/// Finds the mask that others made of the study's chosen image. Nothing is guessed:
/// - A DICOM SEG or RT Structure Set counts where it names the chosen series or none, and no other study. Of a SEG
/// those segments are taken
///   whose type is a lesion's (IsLesionType), all of one that dinsd made; of an RT Structure Set the regions of
///   interpreted type GTV and those whose name matches `options.regions`, all of one that dinsd made.
/// - Segmentations of one series are parts of one mask, which is taken as a whole or not at all. Another SEG, or an RT
/// Structure Set, that holds the same mask
///   voxel by voxel is passed over.
/// - Beside an image file `IMAGE.mask.nii.gz` counts, a lesion a label.
/// - What says of itself that it is preliminary or rejected, a fractional SEG, what cannot be read, and what is of
///   another image, is not taken, and neither are masks of an image in stations.
///
/// Throws InputError (kNeedsPrompts, since a person can click instead): MASK_AMBIGUOUS where two masks differ;
/// MASK_INCOMPLETE where a
/// SEG of the same series as one that would be taken is preliminary, fractional or cannot be read; MASK_EMPTY where
/// none of what would be taken has a voxel; MASK_TRACKING where two segments have one TrackingUID; MASK_GRID where a
/// label file is not on the image's voxels; MASK_UNREADABLE where memory or a library fails; and what ReadDicomSeg's
/// LabelsOnGrid, RegionsToMask and ReadLabelFile refuse once something is to be taken: another frame of reference,
/// another grid, segments that overlap. Other patients are refused when the study is inspected. Thread-safe.
[[nodiscard]] FoundMask FindMask(const std::filesystem::path& root, const InspectedStudy& study,
                                 const ImportOptions& options, const ReadLimits& limits);

}  // namespace dinsd
