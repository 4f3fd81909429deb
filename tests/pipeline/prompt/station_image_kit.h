#pragma once

#include "pipeline/read/station_image.h"
#include "tests/pipeline/prompt/prompts_document.h"

namespace dinsd {

/// GoodImage and a second station of its kind, series 1.2.3.6, 11 rows of 3 mm further along y and `off_mm` more: rows
/// 11 to 14 of the first are 0 to 3 of the second; the seam lies before row 13.
inline StudyImage TwoStations(double off_mm = 0) {
  std::vector<StudyImage> images = {GoodImage(), GoodImage()};
  images[1].series_uid = "1.2.3.6";
  images[1].files = {"second.nii.gz"};
  images[1].file_sha256 = {std::string(64, 'c')};
  images[1].grid.origin[1] += 33 + off_mm;
  for (StudyImage& image : images) {
    image.format = ImageFormat::kDicomSeries;
    image.sop_instance_uids = {image.series_uid + ".1"};
    image.is_chosen = true;
  }
  JoinChosenStations(images);
  return images.at(0);
}

}  // namespace dinsd
