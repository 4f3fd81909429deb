#include "pipeline/read/study.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/json_schema.h"
#include "pipeline/read/station_image.h"
#include "pipeline/read/study_dicom.h"
#include "pipeline/read/study_manifest.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{16} << 20;
constexpr std::string_view kMaskEnding = ".mask.nii.gz";

std::string NamesForMessage(const std::vector<std::string>& files) {
  constexpr std::size_t kMost = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(files.size(), kMost); ++i) {
    names += (i == 0 ? "" : ", ") + QuotedForMessage(files[i]);
  }
  return files.size() <= kMost ? names : names + " and " + std::to_string(files.size() - kMost) + " more";
}

// Reads one study; what its files are is told by their names, but for DICOM.
class Inspection {
 public:
  Inspection(const std::filesystem::path& root, const StudyReadOptions& options, std::int64_t unix_now)
      : root_(root), options_(options), unix_now_(unix_now) {}

  InspectedStudy Inspect(const std::string& name, std::vector<std::string> files) {
    std::sort(files.begin(), files.end());
    study_.name = name;
    ReadManifest(files);
    for (const std::string& file : files) Sort(file, files);
    if (InspectDicomFiles(root_, unknown_files_, options_, unix_now_, study_)) {
      study_.other_files.insert(study_.other_files.end(), image_files_.begin(), image_files_.end());
      unread_ += image_files_.size();
    } else {
      for (const std::string& file : image_files_) study_.images.push_back(InspectFile(file));
      ChooseFile();
    }
    TellUnlisted();
    if (manifest_) CheckManifest();
    TellUnread();
    std::sort(study_.mask_files.begin(), study_.mask_files.end());
    std::sort(study_.other_files.begin(), study_.other_files.end());
    std::sort(study_.digests.begin(), study_.digests.end(),
              [](const FileDigest& a, const FileDigest& b) { return a.file < b.file; });
    return std::move(study_);
  }

 private:
  // Wherever in the study it lies, and whatever else lies there; two of them cannot both be right.
  void ReadManifest(const std::vector<std::string>& files) {
    std::vector<std::string> found;
    std::copy_if(files.begin(), files.end(), std::back_inserter(found), IsManifestFile);
    if (found.empty()) return;
    if (found.size() > 1) {
      throw InputError(
          "MANIFEST_SCHEMA", found[0], "",
          "is one of " + std::to_string(found.size()) + " in one study, which can have one: " + NamesForMessage(found));
    }
    const auto bytes = ReadFileBytes(root_, found[0], std::min(kMaxManifestBytes, options_.limits.max_file_bytes));
    manifest_ = ParseStudyManifest(bytes, found[0], unix_now_);
    study_.digests.push_back({found[0], Sha256Hex(bytes), "", ""});
    study_.has_manifest = true;
    study_.identity = manifest_->identity;
  }

  void Sort(const std::string& file, const std::vector<std::string>& files) {
    if (IsManifestFile(file)) return;
    const bool is_listed = !manifest_ || manifest_->Admits(file);
    std::vector<std::string>& kind = IsPromptsFile(file)       ? study_.prompt_files
                                     : IsMaskFile(file, files) ? study_.mask_files
                                     : !is_listed              ? study_.other_files
                                     : ImageFormatOf(file)     ? image_files_
                                                               : unknown_files_;
    kind.push_back(file);
    if (&kind != &study_.other_files) return;
    ++unread_;
    ++study_.unlisted_files;
  }

  // Where an image is missing: study.json may be what hides it.
  void TellUnlisted() {
    const std::optional<InputError> error = study_.no_choice;
    if (!error || error->code() != "SERIES_NOT_FOUND") return;
    study_.no_choice = InputError(error->code(), error->file(), error->field(),
                                  error->sentence() + UnlistedInWords(study_), error->verdict());
  }

  // Nobody looked into them, so they may be images of this study, or of somebody else.
  void TellUnread() {
    if (unread_ == 0) return;
    for (StudyImage& image : study_.images) {
      image.notes.push_back("study_warning: " + std::to_string(unread_) +
                            " files of the study's folder were not read, since study.json does not list them or they "
                            "are loose images beside DICOM: do they belong here? (dins explain names them)");
    }
  }

  void CheckManifest() const {
    std::map<std::string, std::string> sha256_by_file;
    for (const FileDigest& digest : study_.digests) sha256_by_file[digest.file] = digest.sha256;
    CheckManifestFiles(*manifest_, root_, sha256_by_file, options_.limits);
  }

  StudyImage InspectFile(const std::string& file) {
    StudyImage image{.format = *ImageFormatOf(file), .files = {file}};
    if (manifest_) image.sequence = manifest_->sequence;
    if (const ManifestFile* listed = manifest_ ? manifest_->Find(file) : nullptr) {
      image.series_uid = listed->series_uid;
      image.frame_of_reference_uid = listed->frame_of_reference_uid;
    }
    try {
      const auto bytes = ReadFileBytes(root_, file, options_.limits.max_file_bytes);
      image.file_sha256 = {Sha256Hex(bytes)};
      study_.digests.push_back({file, image.file_sha256[0], "", ""});
      image.grid = ReadVolumeGrid(bytes, file, options_.limits);
    } catch (const InputError& error) {
      image.error = error;
    }
    return image;
  }

  [[nodiscard]] bool IsWanted(const StudyImage& image) const {
    const std::string& wanted = options_.wanted_series_uid;
    return !wanted.empty() &&
           (image.series_uid == wanted || std::count(image.file_sha256.begin(), image.file_sha256.end(), wanted) > 0);
  }

  // The wanted file, else the only one that can be read, else none.
  StudyImage* Candidate() {
    std::vector<StudyImage*> wanted, usable;
    for (StudyImage& image : study_.images) {
      if (IsWanted(image)) wanted.push_back(&image);
      if (!image.error) usable.push_back(&image);
    }
    if (!options_.wanted_series_uid.empty()) return wanted.size() == 1 ? wanted[0] : nullptr;
    if (study_.images.size() == 1) return &study_.images[0];
    return usable.size() == 1 ? usable[0] : nullptr;
  }

  void ChooseFile() {
    StudyImage* candidate = Candidate();
    if (candidate == nullptr) {
      study_.no_choice = NoCandidate();
    } else if (candidate->error) {
      study_.no_choice = candidate->error;
    } else {
      candidate->is_chosen = true;
      candidate->reason = options_.wanted_series_uid.empty() ? "the only image that can be read" : "the wanted image";
    }
    for (StudyImage& image : study_.images) {
      if (image.is_chosen) continue;
      image.reason = image.error ? "cannot be used: " + image.error->code()
                     : candidate ? "another image is wanted"
                                 : "nothing says which image is meant";
    }
  }

  [[nodiscard]] InputError NoCandidate() const {
    if (study_.images.empty()) return {"SERIES_NOT_FOUND", study_.name, "", "holds no image"};
    const std::string count = std::to_string(study_.images.size());
    if (std::all_of(study_.images.begin(), study_.images.end(), [](const StudyImage& i) { return !!i.error; })) {
      return {"SERIES_NOT_FOUND", study_.name, "",
              "holds " + count + " images, none of which can be read, such as " + study_.images[0].error->what()};
    }
    if (!options_.wanted_series_uid.empty()) {
      if (std::any_of(study_.images.begin(), study_.images.end(), [&](const StudyImage& i) { return IsWanted(i); })) {
        return {"SERIES_AMBIGUOUS", study_.name, "",
                "the wanted image, " + options_.wanted_series_uid + ", is there more than once"};
      }
      return {"SERIES_NOT_FOUND", study_.name, "",
              "the wanted image, " + options_.wanted_series_uid + ", is none of its " + count};
    }
    return {"SERIES_AMBIGUOUS", study_.name, "", "holds " + count + " images, and no clicks name one"};
  }

  const std::filesystem::path& root_;
  const StudyReadOptions& options_;
  std::int64_t unix_now_;
  InspectedStudy study_;
  std::optional<StudyManifest> manifest_;
  std::vector<std::string> image_files_;
  std::vector<std::string> unknown_files_;  // DICOM, where the study has any
  std::size_t unread_ = 0;                  // that may be images all the same
};

}  // namespace

std::string UnlistedInWords(const InspectedStudy& study) {
  if (study.unlisted_files == 0) return "";
  return "; study.json does not list " + std::to_string(study.unlisted_files) +
         " files of the study's folder, so they were not looked into: is it one of them? (dins explain names them)";
}

bool IsPromptsFile(const std::string& file) {
  return file.ends_with(".prompts.json") || file.ends_with(".mrk.json") ||
         std::filesystem::path(file).filename() == "nf_box.csv";
}

bool IsMaskFile(const std::string& file, const std::vector<std::string>& files) {
  if (!file.ends_with(kMaskEnding)) return false;
  const std::string image = file.substr(0, file.size() - kMaskEnding.size());
  return ImageFormatOf(image).has_value() && std::binary_search(files.begin(), files.end(), image);
}

const StudyImage& ChosenImage(const InspectedStudy& study) {
  for (const StudyImage& image : study.images) {
    if (image.is_chosen) return image;
  }
  throw study.no_choice ? *study.no_choice : InputError("SERIES_NOT_FOUND", study.name, "", "holds no image");
}

InspectedStudy InspectStudy(const std::filesystem::path& root, const std::string& name,
                            const std::vector<std::string>& files, const StudyReadOptions& options,
                            std::int64_t unix_now) {
  return Inspection(root, options, unix_now).Inspect(name, files);
}

std::vector<std::string> ListStudyFiles(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  std::filesystem::path at = folder;  // what is looked at; the library's error does not say it
  try {
    auto entries = std::filesystem::recursive_directory_iterator(folder);
    for (auto entry = begin(entries); entry != end(entries); ++entry) {
      at = entry->path();
      const bool is_hidden = at.filename().string().starts_with('.');
      if (is_hidden && entry->is_directory()) entry.disable_recursion_pending();
      if (is_hidden || entry->is_symlink() || !entry->is_regular_file()) continue;
      files.push_back(at.lexically_relative(folder).string());
    }
  } catch (const std::filesystem::filesystem_error& error) {
    const std::string name = at == folder ? folder.filename().string() : at.lexically_relative(folder).string();
    throw InputError("VOLUME_UNREADABLE", name, "", "cannot be read: " + error.code().message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Volume ReadStudyImage(const std::filesystem::path& root, const StudyImage& image, const StudyReadOptions& options) {
  if (!image.stations.empty()) return ReadStations(root, image, options);
  if (image.format == ImageFormat::kDicomSeries) return ReadDicomImage(root, image, options);
  const std::string& file = image.files.at(0);
  const std::vector<std::byte> bytes = ReadFileBytes(root, file, options.limits.max_file_bytes);
  if (Sha256Hex(bytes) != image.file_sha256.at(0)) {
    throw InputError("INPUT_CHANGED", file, "", "its bytes are no longer those that were inspected");
  }
  return ReadVolume(bytes, file, options.limits);
}

}  // namespace dinsd
