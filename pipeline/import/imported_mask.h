#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// A file that an imported mask was read from.
struct ImportedFile {
  std::string file;  // relative to the study
  std::string sha256;
  std::string sop_instance_uid;  // of DICOM; else empty
};

/// One lesion of an imported mask; the n-th has the label n + 1.
struct ImportedLesion {
  std::string id;            // TrackingID, else the segment's or region's name, else its number; unique in the mask
  std::string tracking_uid;  // as the segment has it; empty: made of study, series and id like any lesion's
  std::int64_t number = 0;   // SegmentNumber, ROINumber, or the label in the file
  std::size_t file = 0;      // which of the mask's files has it
  std::string reason;        // why it counts as a lesion, a clause
  std::string laterality;    // L, R, B or empty
  std::optional<PromptCode> site;
};

/// A mask of a study's own images that others made, and what is known of how.
struct ImportedMask {
  std::string kind;    // "DICOM SEG", "RT Structure Set" or "label file"
  std::string maker;   // manufacturer, model and version as the object says them; "not stated" where it does not
  std::string made;    // manual, semiautomatic, automatic, several of them, or empty: as the object says
  std::string sha256;  // over the files and what was taken of each
  std::vector<ImportedFile> files;
  std::vector<ImportedLesion> lesions;
  std::vector<std::string> notes;  // what was unusual about reading it, sentences
};

}  // namespace dinsd
