#pragma once

#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/temp_folder.h"

namespace dinsd {

using DicomEdit = std::function<void(DcmDataset&)>;

/// One value of a made data set.
inline void Put(DcmDataset& data, const DcmTagKey& key, const std::string& value) {
  if (data.putAndInsertString(key, value.c_str()).bad()) throw std::runtime_error("cannot put " + value);
}

inline void PutNumber(DcmDataset& data, const DcmTagKey& key, int value) {
  if (data.putAndInsertUint16(key, static_cast<Uint16>(value)).bad()) throw std::runtime_error("cannot put a number");
}

inline constexpr int kMadeColumns = 8, kMadeRows = 6;

/// The value that the made slice `k` has at column i of row j.
inline int MadePixel(int i, int j, int k) {
  return 100 * k + 10 * j + i;
}

/// Slice `k` of a coronal MR series of one patient: 8 x 6 pixels of 1.5 x 2 mm, 10 mm apart towards posterior.
inline DcmDataset MakeDataSet(int k) {
  DcmDataset data;
  Put(data, DCM_SOPClassUID, UID_MRImageStorage);
  Put(data, DCM_SOPInstanceUID, "1.2.3.4." + std::to_string(k + 1));
  Put(data, DCM_StudyInstanceUID, "1.2.3");
  Put(data, DCM_SeriesInstanceUID, "1.2.3.4");
  Put(data, DCM_FrameOfReferenceUID, "1.2.3.9");
  Put(data, DCM_PatientID, "P1");
  Put(data, DCM_PatientName, "Doe^Jane");
  Put(data, DCM_PatientBirthDate, "19900102");
  Put(data, DCM_PatientAge, "034Y");
  Put(data, DCM_PatientWeight, "70.5");
  Put(data, DCM_StudyDate, "20240203");
  Put(data, DCM_Modality, "MR");
  Put(data, DCM_SeriesDescription, "cor STIR");
  Put(data, DCM_ImageType, "ORIGINAL\\PRIMARY\\M\\NORM");
  Put(data, DCM_ScanningSequence, "IR");
  Put(data, DCM_InversionTime, "150");
  Put(data, DCM_EchoTime, "60");
  Put(data, DCM_ImagePositionPatient, "-10\\" + std::to_string(-50 + 10 * k) + "\\100");
  Put(data, DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\-1");
  Put(data, DCM_PixelSpacing, "2\\1.5");
  Put(data, DCM_SliceThickness, "10");
  Put(data, DCM_PhotometricInterpretation, "MONOCHROME2");
  PutNumber(data, DCM_SamplesPerPixel, 1);
  PutNumber(data, DCM_Rows, kMadeRows);
  PutNumber(data, DCM_Columns, kMadeColumns);
  PutNumber(data, DCM_BitsAllocated, 16);
  PutNumber(data, DCM_BitsStored, 12);
  PutNumber(data, DCM_HighBit, 11);
  PutNumber(data, DCM_PixelRepresentation, 0);
  std::vector<Uint16> pixels;
  for (int j = 0; j < kMadeRows; ++j) {
    for (int i = 0; i < kMadeColumns; ++i) pixels.push_back(static_cast<Uint16>(MadePixel(i, j, k)));
  }
  data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  return data;
}

/// The bytes of a Part 10 file with this data set.
inline std::string FileOf(DcmDataset& data, E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  DcmFileFormat file(&data);
  if (file.chooseRepresentation(syntax, nullptr).bad()) throw std::runtime_error("no encoder for this transfer syntax");
  std::string bytes(1U << 20, '\0');
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  const OFCondition condition = file.write(stream, syntax, EET_UndefinedLength, nullptr);
  file.transferEnd();
  if (condition.bad()) throw std::runtime_error(condition.text());
  bytes.resize(static_cast<std::size_t>(stream.tell()));
  return bytes;
}

/// The file of slice `k` after `edit`.
inline std::string MakeSlice(int k, const DicomEdit& edit = {}, E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  DcmDataset data = MakeDataSet(k);
  if (edit) edit(data);
  return FileOf(data, syntax);
}

/// A study folder of `count` slices named slice0.dcm, slice1.dcm ..., each after `edit(data set, k)`.
class MadeStudy {
 public:
  explicit MadeStudy(int count = 8, const std::function<void(DcmDataset&, int)>& edit = {}) {
    for (int k = 0; k < count; ++k) {
      Write("slice" + std::to_string(k) + ".dcm", MakeSlice(k, [&](DcmDataset& data) {
              if (edit) edit(data, k);
            }));
    }
  }

  void Write(const std::string& file, const std::string& bytes) {
    folder_.Write(file, bytes);
    std::erase(files_, file);
    files_.emplace_back(file);
  }

  void Remove(const std::string& file) { std::erase(files_, file); }

  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }
  [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }

 private:
  TempFolder folder_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace dinsd
