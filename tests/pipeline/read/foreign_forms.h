#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/file_bytes.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/read/raw_dicom.h"
#include "tests/test_data.h"

// A foreign DICOM file in the three forms in which it is tried: as it is, patched to be an MR image, and that as one
// slice of an otherwise valid series.

namespace dinsd {

inline void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// SOP class and Modality become those of MR, wherever the file has room for them; other bytes stay.
inline std::string AsMr(std::string bytes) {
  for (const char* other : {"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.1"}) {
    ReplaceAll(bytes, std::string(other) + '\0', std::string(UID_MRImageStorage) + '\0');
  }
  for (const std::string& length : {std::string("CS\x02\0", 4), std::string("\x02\0\0\0", 4)}) {
    const std::string modality = std::string("\x08\0\x60\0", 4) + length;
    const auto at = bytes.find(modality);
    if (at != std::string::npos && at + 10 <= bytes.size()) bytes.replace(at + 8, 2, "MR");
  }
  return bytes;
}

/// Gives a little endian file a place in space, where it has none.
inline std::string WithGeometry(std::string bytes) {
  if (bytes.find(std::string("\x20\0\x32\0", 4)) != std::string::npos) return bytes;
  const auto insert = [&](const std::string& before, RawDicom place) {
    const auto at = bytes.find(before);
    if (at == std::string::npos) return;
    place.Add(0x00200032, "DS", "0\\0\\0").Add(0x00200037, "DS", "1\\0\\0\\0\\1\\0").Add(0x00280030, "DS", "2\\2");
    bytes.insert(at, place.text());
  };
  insert(std::string("\x28\0\x02\0US", 6), RawDicom());
  insert(std::string("\x28\0\x02\0\x02\0\0\0", 8), RawDicom(RawDicom::Encoding::kImplicit));
  return bytes;
}

/// The slice `k` steps beside `like`, as its scanner would have written it.
inline std::string NeighbourOf(const DicomInstance& like, int k) {
  DcmDataset data = MakeDataSet(0);
  const auto put = [&](const DcmTagKey& key, const std::string& value) { Put(data, key, value); };
  put(DCM_StudyInstanceUID, like.study_uid);
  put(DCM_SeriesInstanceUID, like.series_uid);
  put(DCM_SOPInstanceUID, "1.2.3.99." + std::to_string(k));
  put(DCM_FrameOfReferenceUID, like.frame_of_reference_uid);
  put(DCM_PatientID, like.patient_id);
  put(DCM_IssuerOfPatientID, like.issuer);
  put(DCM_PatientName, like.patient_name);
  put(DCM_PatientBirthDate, like.birth_date);
  put(DCM_StudyDate, like.study_date);
  std::string image_type;
  for (const std::string& value : like.image_type) image_type += (image_type.empty() ? "" : "\\") + value;
  put(DCM_ImageType, image_type);
  put(DCM_EchoTime, like.echo_time_ms ? std::to_string(*like.echo_time_ms) : "");
  put(DCM_InversionTime, like.inversion_time_ms ? std::to_string(*like.inversion_time_ms) : "");
  const auto o = like.orientation.value_or(std::array<double, 6>{1, 0, 0, 0, 1, 0});
  const auto p = like.position.value_or(std::array<double, 3>{0, 0, 0});
  const std::array<double, 3> normal{o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
  std::string position, orientation;
  for (std::size_t i = 0; i < 3; ++i) position += (i == 0 ? "" : "\\") + std::to_string(p[i] + 5 * k * normal[i]);
  for (std::size_t i = 0; i < 6; ++i) orientation += (i == 0 ? "" : "\\") + std::to_string(o[i]);
  put(DCM_ImagePositionPatient, position);
  put(DCM_ImageOrientationPatient, orientation);
  const auto spacing = like.pixel_spacing.value_or(std::array<double, 2>{2, 2});
  put(DCM_PixelSpacing, std::to_string(spacing[0]) + "\\" + std::to_string(spacing[1]));
  PutNumber(data, DCM_Rows, like.rows);
  PutNumber(data, DCM_Columns, like.columns);
  const std::vector<Uint16> pixels(static_cast<std::size_t>(like.rows) * static_cast<std::size_t>(like.columns));
  data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  return FileOf(data);
}

/// What the corpus' good files hold, for neighbours of a file that cannot be parsed.
inline DicomInstance UsualInstance() {
  DicomInstance usual;
  usual.study_uid = "1.2.3.4.5.99999.1";
  usual.series_uid = "1.2.3.4.5.99999.2";
  usual.patient_id = "FUZZ-PID-0001";
  usual.patient_name = "FUZZ^CASE";
  usual.rows = usual.columns = 64;
  return usual;
}

inline DicomInstance ParsedOrUsual(const std::string& bytes) {
  const auto raw = std::as_bytes(std::span(bytes));
  const DicomLayout layout = PrescanDicom(raw, "x");
  if (layout.error || layout.is_directory) return UsualInstance();
  try {
    DicomInstance instance = ParseDicomInstance(raw, layout, "x");
    constexpr int kLargest = 600;  // the maker's files are small
    instance.rows = std::clamp(instance.rows, 1, kLargest);
    instance.columns = std::clamp(instance.columns, 1, kLargest);
    return instance;
  } catch (const InputError&) {
    return UsualInstance();
  }
}

/// A form of a file: the file is the first of `files`, beside it lie its neighbours.
struct ForeignForm {
  std::string name;
  std::vector<std::string> files;
};

inline std::vector<ForeignForm> FormsOf(const std::string& bytes) {
  constexpr int kNeighbours = 7;
  std::vector<ForeignForm> forms = {{"as it is", {bytes}}, {"as MR", {AsMr(bytes)}}};
  const std::string slice = WithGeometry(AsMr(bytes));
  const DicomInstance like = ParsedOrUsual(slice);
  forms.push_back({"in a series", {slice}});
  for (int k = 1; k <= kNeighbours; ++k) forms.back().files.push_back(NeighbourOf(like, k));
  return forms;
}

struct ForeignFile {
  std::string name, bytes;
};

/// Every file below a folder.
inline std::vector<ForeignFile> ForeignFilesIn(const std::filesystem::path& folder) {
  std::vector<ForeignFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string file = entry.path().lexically_relative(folder).generic_string();
    const std::vector<std::byte> bytes = ReadFileBytes(folder, file, 1U << 30);
    files.push_back({file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}});
  }
  return files;
}

/// The malformed files of the data folder, 237 and the good one that they were made from; none where they cannot be
/// unpacked. Only to be asked where the data folder is there.
inline std::vector<ForeignFile> MalformedFiles() {
  const TempFolder folder;
  const auto archive = *TestData() / "dicom" / "malformed.tar.xz";
  const std::string unpack = "tar -xJf '" + archive.string() + "' -C '" + folder.path().string() + "'";
  if (std::system(unpack.c_str()) != 0) return {};
  std::filesystem::remove(folder.path() / "LICENSE");
  return ForeignFilesIn(folder.path());
}

}  // namespace dinsd
