#pragma once

#include <dcmtk/dcmdata/dcistrmb.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/study.h"
#include "pipeline/write/dicom_rtstruct.h"
#include "tests/pipeline/read/seg_maker.h"

// Masks of the made series (dicom_maker.h) as others would write them.

namespace dinsd {

/// One segment: its number and what it is. Its voxels are those of row `number` of two slices.
struct MadeSegment {
  int number = 1;
  std::string type = "4147007", scheme = "SCT";  // a mass
  std::string tracking_id, tracking_uid;
};

inline std::vector<int> RowOfPixels(int row) {
  std::vector<int> pixels(static_cast<std::size_t>(kMadeRows * kMadeColumns));
  std::fill_n(pixels.begin() + row * kMadeColumns + 1, kMadeColumns - 3, 1);
  return pixels;
}

inline void PutCode(DcmItem& item, const DcmTagKey& sequence, const std::string& value, const std::string& scheme) {
  DcmItem& code = Within(item, sequence);
  PutIn(code, DCM_CodeValue, value);
  PutIn(code, DCM_CodingSchemeDesignator, scheme);
  PutIn(code, DCM_CodeMeaning, "made");
}

/// A SEG of the made series by somebody, each segment in a row of its own; `edit` sees the data set at the end.
inline std::string SegOf(const std::vector<MadeSegment>& segments, const DicomEdit& edit = {}) {
  MadeSeg made;
  made.segments.clear();
  for (const MadeSegment& segment : segments) {
    made.segments.push_back(segment.number);
    for (const int slice : {2, 3}) made.frames.push_back({segment.number, slice, RowOfPixels(segment.number)});
  }
  return SegFile(made, [&](DcmDataset& data) {
    Put(data, DCM_PatientID, "P1");
    Put(data, DCM_Manufacturer, "somebody");
    Put(data, DCM_SoftwareVersions, "1.5\\2");
    PutIn(Within(data, DCM_ReferencedSeriesSequence), DCM_SeriesInstanceUID, "1.2.3.4");
    for (std::size_t n = 0; n < segments.size(); ++n) {
      DcmItem& item = Within(data, DCM_SegmentSequence, static_cast<long>(n));
      PutCode(item, DCM_SegmentedPropertyTypeCodeSequence, segments[n].type, segments[n].scheme);
      PutIn(item, DCM_SegmentAlgorithmType, "MANUAL");
      if (!segments[n].tracking_id.empty()) PutIn(item, DCM_TrackingID, segments[n].tracking_id);
      if (!segments[n].tracking_uid.empty()) PutIn(item, DCM_TrackingUID, segments[n].tracking_uid);
    }
    if (edit) edit(data);
  });
}

/// The same rows as an RT Structure Set: region n has the number and row n + 1.
inline std::string RtStructOf(const SourceSeries& series, const std::vector<std::string>& names,
                              const DicomEdit& edit = {}) {
  LabelMap mask{series.grid, std::vector<std::uint16_t>(series.grid.SizeZyx().VoxelCount())};
  RtStructOptions options{.key = "made", .created = "2026-01-01T00:00:00Z"};
  for (std::size_t n = 0; n < names.size(); ++n) {
    const auto number = static_cast<std::uint16_t>(n + 1);
    options.regions.push_back({number, names[n]});
    const std::vector<int> row = RowOfPixels(number);
    for (const std::size_t slice : {2U, 3U}) {
      for (std::size_t at = 0; at < row.size(); ++at) {
        if (row[at] != 0) mask.labels[slice * row.size() + at] = number;
      }
    }
  }
  const std::string bytes = MaskToRtStruct(mask, series, options);
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  DcmFileFormat file;
  file.transferInit();
  if (file.read(stream).bad()) throw std::runtime_error("the made structure set cannot be read");
  file.transferEnd();
  DcmDataset& data = *file.getDataset();
  Put(data, DCM_Manufacturer, "somebody");
  Put(data, DCM_ManufacturerModelName, "contours");
  if (edit) edit(data);
  return FileOf(data);
}

}  // namespace dinsd
