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

/// One of 3D Slicer's markups files, and its bytes.
struct MarkupsFile {
  ForeignFile file;
  std::span<const std::byte> bytes;
};

/// Several files as the one that they are together: their names, the SHA-256 of their digests (hex, in their order),
/// the newest change. One file is itself.
[[nodiscard]] ForeignFile AsOne(std::span<const MarkupsFile> files);

/// 3D Slicer's markups (`*.mrk.json`, schema v1.0.x; points in LPS or RAS mm; 3D Slicer writes a file per list) as
/// prompts of `image`. Each list is one lesion with the list's name as its id; a list without a name is named after the
/// file. A Fiducial list's control points are clicks, in their order; a ROI is a box (of an oblique ROI, the box that
/// encloses it), of the lesion of the point list with its name. A point is negative where its label or description says
/// so (SignInLabel, SignInDescription); every point of a list whose name does (SignInName) is a background click. A
/// point that is still being placed ("preview") is proposed; "undefined" and "missing" ones have no position and are no
/// clicks, which is a warning. Points that carry the mark of a proposal (MarkIn) have its order, others of their list
/// none, and the prompts answer it (AnswerTo; several names where they carry several). Places are lists and control
/// points, such as "/markups/0/controlPoints/3", after the file's name where there are several. The result has source
/// `imported` and has passed CheckPrompts. Throws InputError (kNeedsPrompts): PROMPT_SCHEMA (also other types of
/// markups, other units than mm, a ROI that is inside out, or whose orientation is not orthonormal within 1e-3),
/// PROMPT_NOT_FINITE, PROMPT_EMPTY (no list in a file, no point with a position in a list, a ROI of no size),
/// PROMPT_SIGN_UNCLEAR (words of doubtful or of both signs), PROMPT_DUPLICATE_LESION (two point lists or two ROIs of
/// one name), PROMPT_AMBIGUOUS (two files with one positive point: a list and its copy), PROMPT_NO_POSITIVE (also where
/// all lists are background), those of CheckPrompts.
[[nodiscard]] Prompts ParseSlicerMarkups(std::span<const MarkupsFile> files, const StudyImage& image,
                                         const std::string& study_uid);

/// The published implementation's `nf_box.csv` (pid, z1, z2, y1, y2, x1, x2, iter) as prompts of `image`: a lesion
/// without clicks per row, with the box and its click budget; z1 < 0 is the whole image. Bounds are half-open voxels of
/// the array that the published reader makes (AxisRule::kWorldAxes). Only the rows of the image's own pid count, which
/// is the number at the end of the file's name before its first dot ("volume-007.nii.gz" has pid 7; a DICOM series has
/// none). Throws InputError: PROMPT_SCHEMA and PROMPT_OUTSIDE (kNeedsPrompts), PROMPT_IMAGE_MISMATCH (no row for
/// this image, kQuarantined). Places are lines, "line 2" for the first row.
[[nodiscard]] Prompts ParseNfBoxes(std::span<const std::byte> bytes, const ForeignFile& file, const StudyImage& image,
                                   const std::string& study_uid);

}  // namespace dinsd
