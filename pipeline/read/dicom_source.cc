#include "pipeline/read/dicom_source.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_transfer_syntax.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

void CheckIsSeries(const StudyImage& image) {
  if (image.error) throw InputError(*image.error);
  if (image.format != ImageFormat::kDicomSeries || image.files.empty()) {
    throw InputError("NOT_A_DICOM_SERIES", image.files.empty() ? "" : image.files.front(), "",
                     "objects of DICOM refer to a DICOM series");
  }
}

// One file of the series; the first gives what all share.
void TakeSlice(const std::filesystem::path& root, const StudyImage& image, std::size_t k, const ReadLimits& limits,
               SourceSeries& series) {
  const std::string& file = image.files[k];
  const std::vector<std::byte> bytes = ReadFileBytes(root, file, limits.max_file_bytes);
  if (Sha256Hex(bytes) != image.file_sha256.at(k))
    throw InputError("INPUT_CHANGED", file, "", "its bytes are no longer those that were inspected");
  const DicomLayout layout = PrescanDicom(bytes, file);
  if (layout.error) throw InputError(*layout.error);
  std::unique_ptr<DcmDataset> header = LoadDataSet(bytes, layout, DicomPart::kHeader, file);
  const DicomValues values(*header, file);
  series.slices.push_back({file, layout.sop_class_uid, layout.sop_instance_uid,
                           values.Text(DCM_ImagePositionPatient, "ImagePositionPatient"),
                           values.Text(DCM_ImageOrientationPatient, "ImageOrientationPatient")});
  series.is_lossy |=
      IsLossy(layout.transfer_syntax) || values.Text(DCM_LossyImageCompression, "LossyImageCompression") == "01";
  if (k > 0) return;
  series.study_uid = layout.study_uid;
  series.header = std::move(header);
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
  for (std::size_t k = 0; k < image.files.size(); ++k) {
    if (image.interpolate_slices) series.slice_positions.push_back(static_cast<double>(k) * image.grid.spacing[2]);
    TakeSlice(root, image, k, limits, series);
  }
  return series;
}

}  // namespace dinsd
