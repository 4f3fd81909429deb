#include "daemon/service/parcel.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

TEST(Parcel, AFileIsOfThePartThatItsNameBeginsWith) {
  for (const char* seg : {"dicom/seg.dcm", "dicom/seg-2.dcm", "dicom/seg-station-1.dcm", "dicom/seg-station-1-2.dcm"}) {
    EXPECT_TRUE(IsOfPart(seg, "seg")) << seg;
    EXPECT_FALSE(IsOfPart(seg, "rtstruct")) << seg;
  }
  EXPECT_TRUE(IsOfPart("dicom/rtstruct-station-3.dcm", "rtstruct"));
  EXPECT_TRUE(IsOfPart("dicom/sr.dcm", "sr"));
  EXPECT_TRUE(IsOfPart("mask.nii.gz", "mask"));
  EXPECT_FALSE(IsOfPart("mask.nii.gz", "seg"));
  EXPECT_FALSE(IsOfPart("dicom/segmentation.dcm", "seg"));
  EXPECT_FALSE(IsOfPart("seg.dcm", "seg"));
}

}  // namespace
}  // namespace dinsd
