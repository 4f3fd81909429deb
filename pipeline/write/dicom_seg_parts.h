#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/write/dicom_seg.h"

namespace dinsd {

// The two halves of one object that WriteDicomSegs writes: what describes it, and its frames.

/// What one object holds.
struct SegPart {
  std::vector<SegLesion> lesions;                 // segment n is lesions[n - 1]
  std::vector<std::vector<std::int64_t>> slices;  // of each segment: the slices k that have a frame, rising
  std::size_t number = 1, of = 1;                 // among the objects of the mask
  std::string series_uid, sop_instance_uid, dimension_uid;

  [[nodiscard]] std::size_t Frames() const {
    std::size_t frames = 0;
    for (const auto& some : slices) frames += some.size();
    return frames;
  }
};

/// Patient, study, series, equipment, segments and references.
void PutSegHeader(const SegPart& part, const SourceSeries& source, const SegFacts& facts,
                  const SegWriteOptions& options, DcmDataset& data);

/// Functional groups, dimensions and pixels.
void PutSegFrames(const SegPart& part, const LabelMap& mask, const SourceSeries& source, DcmItem& data);

}  // namespace dinsd
