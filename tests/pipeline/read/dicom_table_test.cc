#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/file_bytes.h"
#include "tests/pipeline/read/same_voxels.h"
#include "tests/program_output.h"
#include "tests/temp_folder.h"
#include "tests/test_data.h"

// Every MR series of the data folder: what becomes of it, and what dcm2niix makes of the same files. The table stands
// in RESULTS.md; DINSD_SERIES_TABLE=FILE has the test write the new one.

namespace dinsd {
namespace {

constexpr double kNearMm = 0.01;

using Files = std::vector<std::filesystem::path>;

// The files of one study and folder of the data, relative to `root`.
struct StudyFiles {
  std::string name;
  std::filesystem::path root;
  Files files;
};

// A folder of the data may hold files of several studies.
std::vector<StudyFiles> StudiesIn(const std::string& name) {
  const std::filesystem::path root = *TestData() / "dicom" / name;
  std::map<std::string, Files> by_study;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const auto file = entry.path().lexically_relative(root);
    const DicomLayout layout = PrescanDicom(ReadFileBytes(root, file.string(), 1U << 30), file.string());
    if (!layout.error && !layout.is_directory && layout.sop_class_uid.starts_with("1.2.840.10008.5.1.4.1.1.4"))
      by_study[layout.study_uid].push_back(file);
  }
  std::vector<StudyFiles> studies;
  for (auto& [uid, files] : by_study) {
    std::sort(files.begin(), files.end());
    studies.push_back({name, root, std::move(files)});
  }
  return studies;
}

std::string Number(double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string SafeCell(std::string text) {
  std::replace(text.begin(), text.end(), '|', '/');
  return text.empty() ? "-" : text;
}

// What dcm2niix makes of the files of one series: volumes, each alone.
class Dcm2niix {
 public:
  Dcm2niix(const std::filesystem::path& root, const std::set<std::string>& files) {
    std::size_t number = 0;
    for (const std::string& file : files) {
      std::filesystem::create_directories(folder_.path() / "in");
      std::filesystem::copy_file(root / file, folder_.path() / "in" / (std::to_string(number++) + ".dcm"));
    }
    std::filesystem::create_directories(folder_.path() / "out");
    (void)OutputOf("dcm2niix -b n -z n -f %s_%d -o '" + (folder_.path() / "out").string() + "' '" +
                   (folder_.path() / "in").string() + "'");
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "out")) {
      if (entry.path().extension() != ".nii") continue;
      niftis_.push_back(ReadFileBytes(folder_.path() / "out", entry.path().filename().string(), 1U << 30));
    }
  }

  // The one of its volumes that is nearest to ours.
  [[nodiscard]] std::optional<VoxelAgreement> Nearest(const Volume& ours) const {
    std::optional<VoxelAgreement> best;
    for (const std::vector<std::byte>& nifti : niftis_) {
      for (std::size_t t = 0; t < VolumesIn(nifti); ++t) {
        const auto agreement = CompareQuietly(ours, nifti, t);
        if (agreement && (!best || agreement->largest_change < best->largest_change)) best = agreement;
      }
    }
    return best;
  }

 private:
  // Our reader of NIfTI refuses what is odd; then there is nothing to compare with.
  static std::optional<VoxelAgreement> CompareQuietly(const Volume& ours, std::span<const std::byte> nifti,
                                                      std::size_t t) {
    try {
      return Compare(ours, VolumeOf(nifti, t));
    } catch (const InputError& error) {
      ADD_FAILURE() << error.what();
      return std::nullopt;
    }
  }

  TempFolder folder_;
  std::vector<std::vector<std::byte>> niftis_;
};

class TableMaker {
 public:
  TableMaker() {
    options_.jpeg_2000 = true;
    text_ << "| folder | series | volume | voxels | slices apart | result | dcm2niix: farthest corner | largest "
             "difference |\n"
          << "|---|---|---|---|--:|---|--:|--:|\n";
  }

  void Add(const StudyFiles& study) {
    const DicomStudy inspected = InspectDicomStudy(study.files, study.root, options_, {});
    std::map<std::string, std::vector<const DicomSeries*>> by_uid;
    for (const DicomSeries& series : inspected.series) by_uid[series.series_uid].push_back(&series);
    for (const auto& [uid, volumes] : by_uid) {
      std::set<std::string> files;
      for (const DicomSeries* series : volumes) {
        for (const DicomInstance& slice : series->instances) files.insert(slice.file);
      }
      const bool any_good =
          std::any_of(volumes.begin(), volumes.end(), [](const auto* series) { return !series->error; });
      std::optional<Dcm2niix> theirs;
      if (any_good) theirs.emplace(study.root, files);
      for (const DicomSeries* series : volumes) AddRow(study, *series, inspected.error, theirs);
    }
  }

  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  void AddRow(const StudyFiles& study, const DicomSeries& series, const std::optional<InputError>& study_error,
              const std::optional<Dcm2niix>& theirs) {
    const DicomInstance& first = series.instances.front();
    text_ << "| " << study.name << " | " << SafeCell(series.description) << " | " << SafeCell(series.part) << " | ";
    text_ << first.columns << "x" << first.rows << "x" << series.instances.size() << " | ";
    if (series.error || study_error) {
      text_ << "- | " << (series.error ? series.error->code() : study_error->code()) << " | - | - |\n";
      return;
    }
    text_ << Number(series.grid.spacing[2]) << " mm | a volume | ";
    const auto agreement = theirs->Nearest(ReadDicomSeries(series, study.root, {}, options_));
    EXPECT_TRUE(agreement) << study.name << " " << series.description << " " << series.part;
    if (!agreement) {
      text_ << "none | - |\n";
      return;
    }
    EXPECT_LT(agreement->farthest_mm, kNearMm) << study.name << " " << series.description << " " << series.part;
    text_ << (agreement->farthest_mm < kNearMm ? "< 0.01 mm" : Number(agreement->farthest_mm) + " mm") << " | ";
    text_ << Number(agreement->largest_change) << " |\n";
    EXPECT_EQ(agreement->largest_change, 0) << study.name << " " << series.description << " " << series.part;
  }

  DicomReadOptions options_;
  std::ostringstream text_;
};

TEST(DicomTable, EverySeriesOfTheDataFolderIsWhatDcm2niixMakesOfIt) {
  DINSD_REQUIRE_DATA("dicom");
  if (OutputOf("dcm2niix -h").find("dcm2niix") == std::string::npos) GTEST_SKIP() << "needs dcm2niix";
  TableMaker table;
  std::set<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(*TestData() / "dicom")) {
    if (entry.is_directory()) folders.insert(entry.path().filename().string());
  }
  for (const std::string& folder : folders) {
    for (const StudyFiles& study : StudiesIn(folder)) table.Add(study);
  }
  if (const char* file = std::getenv("DINSD_SERIES_TABLE")) std::ofstream(file) << table.text();
  const std::string results = ReadText(std::filesystem::path(kSourceFolder) / "RESULTS.md");
  EXPECT_NE(results.find(table.text()), std::string::npos) << "RESULTS.md has another table:\n" << table.text();
}

}  // namespace
}  // namespace dinsd
