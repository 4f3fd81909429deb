#pragma once

#include <cstdint>
#include <string>

namespace dinsd {

/// A lesion in a DICOM object of its study: which object, and which segment or region of it.
struct ObjectPart {
  std::string study_uid, series_uid;            // of the object itself
  std::string sop_class_uid, sop_instance_uid;  // likewise
  std::int64_t number = 0;                      // SegmentNumber of a segmentation, ROINumber of a structure set

  friend bool operator==(const ObjectPart&, const ObjectPart&) = default;
};

}  // namespace dinsd
