#pragma once

#include <dcmtk/dcmdata/dcdatset.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/read/read_options.h"
#include "pipeline/read/study.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// One slice as other objects refer to it.
struct SourceSlice {
  std::string file;  // relative to the study
  std::string sop_class_uid, sop_instance_uid;
  std::string position, orientation;  // ImagePositionPatient and ImageOrientationPatient as stored
  int frame = 0;                      // of a multi-frame instance, counted from 1; 0 = it is all of the instance
};

/// The image series that a segmentation, structure set or report was made from: what they refer to and copy.
struct SourceSeries {
  GridGeometry grid;
  std::vector<double> slice_positions;  // of slice k of the grid: mm along the grid's k axis, from the first
  std::vector<SourceSlice> slices;      // slice k of the grid; of an interpolated series, the k-th file
  std::string study_uid, series_uid, frame_of_reference_uid;  // the last is empty where the headers lack it
  std::shared_ptr<DcmDataset> header;  // of the first slice, without its pixels; PixelSpacing and SliceThickness of its
                                       // frame stand at the top
  bool is_lossy = false;               // a slice was compressed with loss
  bool is_interpolated = false;        // the grid's slices lie between those of the files
};

/// Reads the headers of an inspected DICOM image again. Throws InputError: NOT_A_DICOM_SERIES (`image` is a file of
/// another format, or stands for several stations, each of which is a series), the image's own error, INPUT_CHANGED (a
/// file no longer has the inspected digest), LIMIT_EXCEEDED, VOLUME_UNREADABLE.
[[nodiscard]] SourceSeries ReadSourceSeries(const std::filesystem::path& root, const StudyImage& image,
                                            const ReadLimits& limits = {});

}  // namespace dinsd
