#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/followup/timepoint.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

/// A lesion in an object that a result wrote.
struct NumberedLesion {
  std::int64_t number = 0;  // SegmentNumber or ROINumber
  std::uint16_t label = 0;  // in the mask of the result
};

/// The lesions of a segmentation or structure set that dinsd wrote; none of an object of another class. Throws
/// InputError: those of ReadDicomSeg and ReadRtStruct.
[[nodiscard]] std::vector<NumberedLesion> LesionsOfObject(std::span<const std::byte> bytes, const std::string& file,
                                                          const std::string& sop_class_uid);

/// Sets PriorLesion::objects of the lesions of the result at `place`, by their labels: its own segmentations (one of
/// each series that the lesion has a voxel in), else its own structure sets, else what it was imported from, as that
/// lies beside the images now. Nothing where there are none, and where one cannot be read or is another by now: a
/// reference is no reason to refuse a prior. Never throws InputError.
void NameObjects(const ResultPlace& place, const ReadLimits& limits, std::vector<PriorLesion>& lesions);

}  // namespace dinsd
