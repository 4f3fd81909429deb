#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/import/import_options.h"
#include "pipeline/import/imported_mask.h"
#include "pipeline/read/dicom_source.h"

namespace dinsd {

/// One file that may be a mask of the chosen image.
struct MaskFile {
  std::string file;
  std::string sha256;
  std::span<const std::byte> bytes;
};

/// What was taken of one file; no lesions: nothing.
struct MaskSource {
  ImportedMask mask;       // without sha256
  std::string series_uid;  // of the object: segmentations of one series belong together
  LabelMap labels;
  std::vector<std::string> not_taken;  // "FILE: why"
  bool is_missing_part = false;        // nothing is taken, but it may be a part of a mask of `series_uid`: a
                                       // segmentation that cannot be read, or is preliminary or fractional
};

// One reader for each kind of file. They tell what they do not take; where something is to be taken and cannot be, they
// throw InputError with the verdict kNeedsPrompts.

[[nodiscard]] MaskSource MaskOfSegFile(const MaskFile& file, const SourceSeries& series);
[[nodiscard]] MaskSource MaskOfRtStructFile(const MaskFile& file, const SourceSeries& series,
                                            const ImportOptions& options);
/// `image_sha256` is that of the image file, which the lesions' tracking is made of.
[[nodiscard]] MaskSource MaskOfLabelFile(const MaskFile& file, const GridGeometry& grid,
                                         const std::string& image_sha256, const ReadLimits& limits);

// What they share.

/// "manufacturer model version", without words that say the same twice; "not stated" where all are empty.
[[nodiscard]] std::string MakerWords(const std::string& manufacturer, const std::string& model,
                                     const std::string& software);

/// Whether a label or description says that a person has not looked at it yet.
[[nodiscard]] bool SaysPreliminary(const std::string& label, const std::string& description);

/// Gives `lesions` ids that are no longer than 64 bytes, not blank and each there once: an id that is none of it
/// becomes `what` and the number, and so do all that are there more than once.
void GiveIds(const std::string& what, std::vector<ImportedLesion>& lesions);

/// Runs `read`, which is to bring what is taken of `file` onto the image. What it throws leaves as an InputError with
/// the verdict kNeedsPrompts, since the images are fine: an InputError as it is, else MASK_UNREADABLE of `file`.
void Refusing(const std::string& file, const std::function<void()>& read);

/// Runs `read`, which is to read `file`. Whatever it throws is told among the `not_taken` of `source`, by the file's
/// name, and stops nothing else. Returns whether it threw nothing.
[[nodiscard]] bool CanBeRead(const std::string& file, const std::function<void()>& read, MaskSource& source);

}  // namespace dinsd
