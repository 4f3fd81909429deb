#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/file_bytes.h"
#include "tests/folders.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/read/raw_dicom.h"
#include "tests/test_data.h"

// Each foreign file goes through the reader in three forms: as it is, patched to be an MR image, and that as one slice
// of an otherwise valid series. What becomes of each is kept in malformed_expected.csv and reviewed when it changes.

namespace dinsd {
namespace {

using Outcomes = std::map<std::string, std::string>;  // "set,file,form" to outcome

constexpr int kNeighbours = 7;

std::string Text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// SOP class and Modality become those of MR, wherever the file has room for them; other bytes stay.
std::string AsMr(std::string bytes) {
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

// Gives a little endian file a place in space, where it has none.
std::string WithGeometry(std::string bytes) {
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

// The slice `k` steps beside `like`, as its scanner would have written it.
std::string NeighbourOf(const DicomInstance& like, int k) {
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

// What the corpus' good files hold, for neighbours of a file that cannot be parsed.
DicomInstance UsualInstance() {
  DicomInstance usual;
  usual.study_uid = "1.2.3.4.5.99999.1";
  usual.series_uid = "1.2.3.4.5.99999.2";
  usual.patient_id = "FUZZ-PID-0001";
  usual.patient_name = "FUZZ^CASE";
  usual.rows = usual.columns = 64;
  return usual;
}

DicomInstance ParsedOrUsual(const std::string& bytes) {
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

std::string OutcomeOf(const MadeStudy& made) {
  try {
    DicomStudy study = InspectDicomStudy(made.files(), made.root(), {}, {});
    if (study.error) return study.error->code();
    ChooseSeries(study, "", {});
    if (study.choice_error) return study.choice_error->code();
    for (const DicomSeries& series : study.series) {
      if (series.is_chosen) (void)ReadDicomSeries(series, made.root(), {});
    }
    return "accepted";
  } catch (const InputError& error) {
    return error.code();
  }
}

void Try(const std::string& name, const std::string& bytes, Outcomes& outcomes) {
  MadeStudy as_is(0);
  as_is.Write("x.dcm", bytes);
  outcomes[name + ",as it is"] = OutcomeOf(as_is);
  MadeStudy as_mr(0);
  as_mr.Write("x.dcm", AsMr(bytes));
  outcomes[name + ",as MR"] = OutcomeOf(as_mr);
  MadeStudy in_series(0);
  const std::string slice = WithGeometry(AsMr(bytes));
  const DicomInstance like = ParsedOrUsual(slice);
  in_series.Write("x.dcm", slice);
  for (int k = 1; k <= kNeighbours; ++k) in_series.Write("n" + std::to_string(k) + ".dcm", NeighbourOf(like, k));
  outcomes[name + ",in a series"] = OutcomeOf(in_series);
}

Outcomes TryAll(const std::string& set, const std::filesystem::path& folder) {
  Outcomes outcomes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string file = entry.path().lexically_relative(folder).generic_string();
    Try(set + "," + file, Text(ReadFileBytes(folder, file, 1U << 30)), outcomes);
  }
  return outcomes;
}

Outcomes Expected(const std::string& set) {
  std::ifstream in(std::filesystem::path(kSourceFolder) / "tests/pipeline/read/malformed_expected.csv");
  Outcomes outcomes;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(set + ",")) outcomes[line.substr(0, line.rfind(','))] = line.substr(line.rfind(',') + 1);
  }
  return outcomes;
}

void Compare(const std::string& set, const Outcomes& outcomes) {
  const std::string kept = std::string(kBuildFolder) + "/malformed_" + set + ".csv";
  std::ofstream out(kept);
  for (const auto& [key, outcome] : outcomes) out << key << "," << outcome << "\n";
  const Outcomes expected = Expected(set);
  for (const auto& [key, outcome] : outcomes) {
    const auto row = expected.find(key);
    EXPECT_EQ(outcome, row == expected.end() ? "no row" : row->second)
        << key << " (all rows as they are now: " << kept << ")";
  }
  EXPECT_EQ(outcomes.size(), expected.size());
}

TEST(DicomMalformed, CorpusIsReadOrRefusedAsExpected) {
  DINSD_REQUIRE_DATA("dicom/malformed.tar.xz");
  const TempFolder folder;
  const auto archive = *TestData() / "dicom" / "malformed.tar.xz";
  const std::string unpack = "tar -xJf '" + archive.string() + "' -C '" + folder.path().string() + "'";
  if (std::system(unpack.c_str()) != 0) GTEST_SKIP() << "cannot unpack " << archive << " (needs tar and xz)";
  std::filesystem::remove(folder.path() / "LICENSE");
  const Outcomes outcomes = TryAll("malformed", folder.path());
  EXPECT_EQ(outcomes.size(), 3 * 238);  // 237 and the good file that they were made from
  Compare("malformed", outcomes);
}

TEST(DicomMalformed, FilesOfPydicomAreReadOrRefusedAsExpected) {
  DINSD_REQUIRE_DATA("dicom/pydicom");
  Compare("pydicom", TryAll("pydicom", *TestData() / "dicom" / "pydicom"));
}

}  // namespace
}  // namespace dinsd
