#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/pipeline/read/seg_maker.h"

namespace dinsd {

inline constexpr char kMadeLegacyMr[] = "1.2.840.10008.5.1.4.1.1.4.4";

/// One frame of a made multi-frame MR image: slice `k` of the made series (dicom_maker.h), all its pixels raised by
/// `raise`, with what its functional groups say beside its place after `edit`.
struct MadeMrFrame {
  int k = 0;
  int raise = 0;
  std::function<void(DcmItem& groups)> edit;
};

inline void PutLong(DcmItem& item, const DcmTagKey& key, const std::vector<Uint32>& values) {
  if (item.putAndInsertUint32Array(key, values.data(), values.size()).bad())
    throw std::runtime_error("cannot put longs");
}

inline void PutDouble(DcmItem& item, const DcmTagKey& key, double value) {
  if (item.putAndInsertFloat64(key, value).bad()) throw std::runtime_error("cannot put a double");
}

/// Position and orientation of frame `k` of the made series, in the functional groups of a frame or of all.
inline void PutPlane(DcmItem& groups, const std::string& position, const std::string& orientation) {
  PutIn(Within(groups, DCM_PlanePositionSequence), DCM_ImagePositionPatient, position);
  if (!orientation.empty())
    PutIn(Within(groups, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, orientation);
}

/// Enhanced MR with these frames; spacing and orientation are shared, the position is each frame's own.
inline DcmDataset MultiFrameDataSet(const std::vector<MadeMrFrame>& frames) {
  DcmDataset data = MakeDataSet(0);
  Put(data, DCM_SOPClassUID, UID_EnhancedMRImageStorage);
  for (const DcmTagKey& key : {DCM_ImagePositionPatient, DCM_ImageOrientationPatient, DCM_PixelSpacing,
                               DCM_SliceThickness, DCM_ScanningSequence, DCM_InversionTime, DCM_EchoTime}) {
    data.findAndDeleteElement(key);
  }
  Put(data, DCM_NumberOfFrames, std::to_string(frames.size()));
  DcmItem& shared = Within(data, DCM_SharedFunctionalGroupsSequence);
  DcmItem& measures = Within(shared, DCM_PixelMeasuresSequence);
  PutIn(measures, DCM_PixelSpacing, "2\\1.5");
  PutIn(measures, DCM_SliceThickness, "10");
  PutIn(Within(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\-1");
  std::vector<Uint16> pixels;
  for (const MadeMrFrame& frame : frames) {
    DcmItem& groups = Within(data, DCM_PerFrameFunctionalGroupsSequence, -2);
    PutPlane(groups, PositionOfMadeSlice(frame.k), "");
    if (frame.edit) frame.edit(groups);
    for (int j = 0; j < kMadeRows; ++j) {
      for (int i = 0; i < kMadeColumns; ++i)
        pixels.push_back(static_cast<Uint16>(MadePixel(i, j, frame.k) + frame.raise));
    }
  }
  data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  return data;
}

/// The file of a made multi-frame image after `edit`.
inline std::string MultiFrameFile(const std::vector<MadeMrFrame>& frames, const DicomEdit& edit = {},
                                  E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  DcmDataset data = MultiFrameDataSet(frames);
  if (edit) edit(data);
  return FileOf(data, syntax);
}

/// Frames for the slices of the made series, in the order of `order`, each after `edit(groups, k)`.
inline std::vector<MadeMrFrame> FramesFor(const std::vector<int>& order,
                                          const std::function<void(DcmItem&, int)>& edit = {}, int raise = 0) {
  std::vector<MadeMrFrame> frames;
  for (const int k : order) {
    frames.push_back({k, raise, [edit, k](DcmItem& groups) {
                        if (edit) edit(groups, k);
                      }});
  }
  return frames;
}

inline std::vector<MadeMrFrame> operator+(std::vector<MadeMrFrame> a, const std::vector<MadeMrFrame>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace dinsd
