#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/pipeline/read/dicom_maker.h"

namespace dinsd {

inline DcmItem& Within(DcmItem& item, const DcmTagKey& sequence, long at = 0) {
  DcmItem* found = nullptr;
  if (item.findOrCreateSequenceItem(sequence, found, at).bad()) throw std::runtime_error("no item");
  return *found;
}

inline void PutIn(DcmItem& item, const DcmTagKey& key, const std::string& value) {
  if (item.putAndInsertString(key, value.c_str()).bad()) throw std::runtime_error("cannot put " + value);
}

inline void PutNumberIn(DcmItem& item, const DcmTagKey& key, int value) {
  if (item.putAndInsertUint16(key, static_cast<Uint16>(value)).bad()) throw std::runtime_error("cannot put a number");
}

/// A frame of a made SEG: its segment, the slice of the made series that it lies on, and its pixels, row by row.
struct MadeFrame {
  int segment = 1;
  int slice = 0;
  std::vector<int> pixels;
};

/// A SEG on the made series (dicom_maker.h), written by nobody's writer: SegmentationType, bits of a pixel (1, 8, 16),
/// the numbers of its segments and its frames.
struct MadeSeg {
  std::string type = "BINARY";
  int bits = 1;
  std::vector<int> segments = {1};
  std::vector<MadeFrame> frames;
  int rows = kMadeRows, columns = kMadeColumns;
};

inline std::string PositionOfMadeSlice(int k) {
  return "-10\\" + std::to_string(-50 + 10 * k) + "\\100";
}

inline std::vector<Uint8> StoredPixels(const MadeSeg& seg) {
  std::vector<Uint8> bytes;
  std::size_t at = 0;
  for (const MadeFrame& frame : seg.frames) {
    for (const int pixel : frame.pixels) {
      if (seg.bits == 8) bytes.push_back(static_cast<Uint8>(pixel));
      if (seg.bits == 16) bytes.insert(bytes.end(), {static_cast<Uint8>(pixel & 255), static_cast<Uint8>(pixel >> 8)});
      if (seg.bits != 1) continue;
      if (at % 8 == 0) bytes.push_back(0);
      if (pixel != 0) bytes.back() = static_cast<Uint8>(bytes.back() | 1U << (at % 8));
      ++at;
    }
  }
  if (bytes.size() % 2 == 1) bytes.push_back(0);
  return bytes;
}

inline DcmDataset SegDataSet(const MadeSeg& seg) {
  DcmDataset data;
  Put(data, DCM_SOPClassUID, seg.type == "LABELMAP" ? "1.2.840.10008.5.1.4.1.1.66.7" : "1.2.840.10008.5.1.4.1.1.66.4");
  Put(data, DCM_SOPInstanceUID, "1.2.3.7.1");
  Put(data, DCM_StudyInstanceUID, "1.2.3");
  Put(data, DCM_SeriesInstanceUID, "1.2.3.7");
  Put(data, DCM_FrameOfReferenceUID, "1.2.3.9");
  Put(data, DCM_Modality, "SEG");
  Put(data, DCM_SegmentationType, seg.type);
  Put(data, DCM_NumberOfFrames, std::to_string(seg.frames.size()));
  PutNumber(data, DCM_Rows, seg.rows);
  PutNumber(data, DCM_Columns, seg.columns);
  PutNumber(data, DCM_SamplesPerPixel, 1);
  PutNumber(data, DCM_PixelRepresentation, 0);
  PutNumber(data, DCM_BitsAllocated, seg.bits);
  if (seg.type == "FRACTIONAL") PutNumber(data, DCM_MaximumFractionalValue, 200);
  for (const int number : seg.segments) {
    DcmItem& segment = Within(data, DCM_SegmentSequence, -2);
    PutNumberIn(segment, DCM_SegmentNumber, number);
    PutIn(segment, DCM_SegmentLabel, "segment " + std::to_string(number));
  }
  DcmItem& shared = Within(data, DCM_SharedFunctionalGroupsSequence);
  PutIn(Within(shared, DCM_PixelMeasuresSequence), DCM_PixelSpacing, "2\\1.5");
  PutIn(Within(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\-1");
  for (const MadeFrame& frame : seg.frames) {
    DcmItem& item = Within(data, DCM_PerFrameFunctionalGroupsSequence, -2);
    PutIn(Within(item, DCM_PlanePositionSequence), DCM_ImagePositionPatient, PositionOfMadeSlice(frame.slice));
    if (seg.type != "LABELMAP")
      PutNumberIn(Within(item, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber, frame.segment);
  }
  const std::vector<Uint8> bytes = StoredPixels(seg);
  auto* pixels = new DcmPixelData(DcmTag(DCM_PixelData, EVR_OB));
  pixels->putUint8Array(bytes.data(), bytes.size());
  data.insert(pixels, true);
  return data;
}

/// The file of a made SEG after `edit`.
inline std::string SegFile(const MadeSeg& seg, const DicomEdit& edit = {},
                           E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  DcmDataset data = SegDataSet(seg);
  if (edit) edit(data);
  return FileOf(data, syntax);
}

}  // namespace dinsd
