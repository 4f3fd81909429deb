#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// A file of another program, and when it was last changed (RFC 3339).
struct ForeignFile {
  std::string file;
  std::string sha256;
  std::string changed;
};

/// 3D Slicer's markups (`*.mrk.json`, schema v1.0.x; points in LPS or RAS mm) as prompts of `image`. Each markups node
/// is one lesion with the node's name as its id; a node without a name is named after the file. A Fiducial node's
/// control points are clicks, in their order; a ROI node is a box (of an oblique ROI, the box that encloses it). Nodes
/// of one name are one lesion. A point is negative where its label ends in "-", or its label or description is "-",
/// "neg", "negative" or "background" (any case); every point of a node named "background" is a background click. A
/// point that is still being placed ("preview") is proposed; "undefined" and "missing" ones have no position and are no
/// clicks. Places are nodes and control points, such as "/markups/0/controlPoints/3". The result has source `imported`
/// and has passed CheckPrompts. Throws InputError (kNeedsPrompts): PROMPT_SCHEMA (other types of markups and other
/// units than mm as well), PROMPT_NOT_FINITE, those of CheckPrompts.
[[nodiscard]] Prompts ParseSlicerMarkups(std::span<const std::byte> bytes, const ForeignFile& file,
                                         const StudyImage& image, const std::string& study_uid);

/// The published implementation's `nf_box.csv` (pid, z1, z2, y1, y2, x1, x2, iter) as prompts of `image`: a lesion
/// without clicks per row, with the box and its click budget; z1 < 0 is the whole image. Bounds are half-open voxels of
/// the array that the published reader makes (AxisRule::kWorldAxes). Only the rows of the image's own pid count, which
/// is the number at the end of the file's name before its first dot ("volume-007.nii.gz" has pid 7; a DICOM series has
/// none). Throws InputError: PROMPT_SCHEMA and PROMPT_OUTSIDE (kNeedsPrompts), PROMPT_IMAGE_MISMATCH (no row for
/// this image, kQuarantined). Places are lines, "line 2" for the first row.
[[nodiscard]] Prompts ParseNfBoxes(std::span<const std::byte> bytes, const ForeignFile& file, const StudyImage& image,
                                   const std::string& study_uid);

}  // namespace dinsd
