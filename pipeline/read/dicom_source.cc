#include "pipeline/read/dicom_source.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_transfer_syntax.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/functional_groups.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

void CheckIsSeries(const StudyImage& image) {
  if (image.error) throw InputError(*image.error);
  if (!image.stations.empty()) {
    throw InputError("NOT_A_DICOM_SERIES", image.files.front(), "SeriesInstanceUID",
                     "is one of several stations: an object refers to one of them");
  }
  if (image.format != ImageFormat::kDicomSeries || image.files.empty()) {
    throw InputError("NOT_A_DICOM_SERIES", image.files.empty() ? "" : image.files.front(), "",
                     "objects of DICOM refer to a DICOM series");
  }
}

// One file of the series.
struct SourceFile {
  DicomLayout layout;
  std::shared_ptr<DcmDataset> header;
};

SourceFile ReadSource(const std::filesystem::path& root, const StudyImage& image, std::size_t n,
                      const ReadLimits& limits) {
  const std::string& file = image.files[n];
  const std::vector<std::byte> bytes = ReadFileBytes(root, file, limits.max_file_bytes);
  if (Sha256Hex(bytes) != image.file_sha256.at(n))
    throw InputError("INPUT_CHANGED", file, "", "its bytes are no longer those that were inspected");
  DicomLayout layout = PrescanDicom(bytes, file);
  if (layout.error) throw InputError(*layout.error);
  std::shared_ptr<DcmDataset> header = LoadDataSet(bytes, layout, DicomPart::kHeader, file);
  return {std::move(layout), std::move(header)};
}

// The functional groups of a frame; of a classic image the data set itself is each of them.
class PlaneOf {
 public:
  PlaneOf(DcmDataset& header, int frame, const std::string& file)
      : header_(header), file_(file), is_frame_(frame > 0), groups_(ItemsOf(header, frame)) {}

  [[nodiscard]] std::string Text(const DcmTagKey& sequence, const DcmTagKey& key, const char* field) const {
    DcmItem* item = is_frame_ ? groups_.Find(sequence) : &header_;
    return item == nullptr ? "" : DicomValues(*item, file_).Text(key, field);
  }

 private:
  static FunctionalGroups ItemsOf(DcmDataset& header, int frame) {
    DcmItem* own = nullptr;
    if (frame > 0) (void)header.findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, own, frame - 1);
    return {FirstItem(&header, DCM_SharedFunctionalGroupsSequence), own};
  }

  DcmDataset& header_;
  const std::string& file_;
  bool is_frame_;
  FunctionalGroups groups_;
};

SourceSlice SliceOf(const SourceFile& source, const std::string& file, int frame) {
  const PlaneOf plane(*source.header, frame, file);
  return {file,
          source.layout.sop_class_uid,
          source.layout.sop_instance_uid,
          plane.Text(DCM_PlanePositionSequence, DCM_ImagePositionPatient, "ImagePositionPatient"),
          plane.Text(DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient, "ImageOrientationPatient"),
          frame};
}

bool IsLossySource(const SourceFile& source, const std::string& file) {
  return IsLossy(source.layout.transfer_syntax) ||
         DicomValues(*source.header, file).Text(DCM_LossyImageCompression, "LossyImageCompression") == "01";
}

// What a classic header says of its pixels at the top, an enhanced one says of each frame.
void PutMeasuresOnTop(DcmDataset& header, int frame, const std::string& file) {
  if (frame == 0) return;
  const PlaneOf plane(header, frame, file);
  const std::string spacing = plane.Text(DCM_PixelMeasuresSequence, DCM_PixelSpacing, "PixelSpacing");
  const std::string thickness = plane.Text(DCM_PixelMeasuresSequence, DCM_SliceThickness, "SliceThickness");
  (void)header.putAndInsertString(DCM_PixelSpacing, spacing.c_str());
  if (!thickness.empty()) (void)header.putAndInsertString(DCM_SliceThickness, thickness.c_str());
}

}  // namespace

SourceSeries ReadSourceSeries(const std::filesystem::path& root, const StudyImage& image, const ReadLimits& limits) {
  CheckIsSeries(image);
  SourceSeries series;
  series.grid = image.grid;
  series.series_uid = image.series_uid;
  series.frame_of_reference_uid = image.frame_of_reference_uid;
  series.is_interpolated = image.interpolate_slices;
  if (!image.interpolate_slices) series.slice_positions = image.slice_positions;
  std::vector<SourceFile> files;
  for (std::size_t n = 0; n < image.files.size(); ++n) {
    files.push_back(ReadSource(root, image, n, limits));
    series.is_lossy |= IsLossySource(files.back(), image.files[n]);
  }
  for (std::size_t k = 0; k < image.SliceCount(); ++k) {
    if (image.interpolate_slices) series.slice_positions.push_back(static_cast<double>(k) * image.grid.spacing[2]);
    const FramePlace place = image.PlaceOfSlice(k);
    series.slices.push_back(SliceOf(files.at(place.file), image.files.at(place.file), place.frame));
  }
  const std::size_t first = image.PlaceOfSlice(0).file;
  series.study_uid = files.at(first).layout.study_uid;
  series.header = files[first].header;
  PutMeasuresOnTop(*series.header, series.slices.front().frame, image.files[first]);
  return series;
}

}  // namespace dinsd
