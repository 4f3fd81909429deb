#include "pipeline/read/dicom_study.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>

#include "pipeline/read/dicom_identity.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_series.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

constexpr std::string_view kStandardClasses = "1.2.840.10008.5.1.4.", kMrClasses = "1.2.840.10008.5.1.4.1.1.4";

// Objects that hold pixels or rows but are made of images rather than being slices of a series.
constexpr std::array<std::string_view, 8> kDerivedClasses = {
    "1.2.840.10008.5.1.4.1.1.66.4",   // segmentation
    "1.2.840.10008.5.1.4.1.1.66.7",   // label map segmentation
    "1.2.840.10008.5.1.4.1.1.66.5",   // surface segmentation
    "1.2.840.10008.5.1.4.1.1.30",     // parametric map
    "1.2.840.10008.5.1.4.1.1.481.2",  // RT dose
    "1.2.840.10008.5.1.4.1.1.104.1",  // PDF
    "1.2.840.10008.5.1.4.1.1.66.1",   // spatial registration
    "1.2.840.10008.5.1.4.1.1.66",     // raw data
};

bool IsMrClass(const std::string& uid) {
  return uid.starts_with(kMrClasses) && uid.size() <= kMrClasses.size() + 2;
}

bool IsOtherClass(const std::string& uid) {
  return uid.starts_with(kStandardClasses) && !IsMrClass(uid);
}

bool IsImage(const DicomInstance& instance, const DicomLayout& layout) {
  if (IsMrClass(instance.sop_class_uid)) return true;
  const bool is_derived =
      std::find(kDerivedClasses.begin(), kDerivedClasses.end(), instance.sop_class_uid) != kDerivedClasses.end();
  return !is_derived && (layout.has_pixels || instance.rows > 0);
}

// A slice may be lost in a file that is no DICOM: named like one, or without a telling name and no text.
bool MayBeALostSlice(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".dcm" || ending == ".ima" || ending == ".dicom" || ending == ".dic") return true;
  const bool is_number = ending.size() > 1 && ending.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!ending.empty() && !is_number) return false;
  const auto start = bytes.first(std::min<std::size_t>(bytes.size(), 4096));
  return start.empty() || std::find(start.begin(), start.end(), std::byte{0}) != start.end();
}

class StudyReader {
 public:
  StudyReader(const std::filesystem::path& root, const DicomReadOptions& options, const ReadLimits& limits)
      : root_(root), options_(options), limits_(limits) {}

  void Read(const std::filesystem::path& path) {
    DicomFile file;
    file.file = path.generic_string();
    const std::vector<std::byte> bytes = ReadFileBytes(root_, file.file, limits_.max_file_bytes);
    file.sha256 = Sha256Hex(bytes);
    const DicomLayout layout = PrescanDicom(bytes, file.file);
    file.sop_class_uid = layout.sop_class_uid;
    file.sop_instance_uid = layout.sop_instance_uid;
    if (layout.error) {
      TakeBroken(file, layout, MayBeALostSlice(path, bytes));
    } else if (layout.is_directory) {
      file.kind = DicomFileKind::kDirectory;
      file.remark = "a DICOMDIR, ignored";
    } else {
      TakeWhole(file, layout, bytes);
    }
    study_.files.push_back(std::move(file));
  }

  // Identities, then series; nothing else is known of objects that contradict each other.
  DicomStudy Finish(std::int64_t unix_now) {
    std::vector<DicomInstance> all = images_;
    all.insert(all.end(), others_.begin(), others_.end());
    std::sort(all.begin(), all.end(), [](const DicomInstance& a, const DicomInstance& b) { return a.file < b.file; });
    study_.identity = IdentityOf(all, unix_now);
    if (auto conflict = FindIdentityConflict(all)) study_.error = conflict;
    std::map<std::string, std::vector<DicomInstance>> by_series;
    for (DicomInstance& image : images_) by_series[image.series_uid].push_back(std::move(image));
    for (auto& [uid, instances] : by_series) {
      for (DicomSeries& series : AssembleSeries(std::move(instances), options_, limits_)) {
        study_.series.push_back(std::move(series));
      }
    }
    return std::move(study_);
  }

 private:
  // A broken file stops the study unless it clearly is no slice: else a series might silently lose one.
  void TakeBroken(DicomFile& file, const DicomLayout& layout, bool may_be_lost_slice) {
    const bool is_dicom = layout.error->code() != "NOT_DICOM";
    file.kind = is_dicom ? DicomFileKind::kOtherObject : DicomFileKind::kNotDicom;
    file.remark = is_dicom ? std::string("broken: ") + layout.error->what() : "no DICOM";
    const bool stops = is_dicom ? !IsOtherClass(layout.sop_class_uid) : may_be_lost_slice;
    if (stops && !study_.error) study_.error = layout.error;
  }

  void TakeWhole(DicomFile& file, const DicomLayout& layout, std::span<const std::byte> bytes) {
    file.kind = DicomFileKind::kOtherObject;
    try {
      DicomInstance instance = ParseDicomInstance(bytes, layout, file.file, options_);
      file.pixel_sha256 = instance.pixel_sha256;
      const bool is_image = IsImage(instance, layout);
      if (is_image) file.kind = DicomFileKind::kImage;
      if (!is_image) file.remark = "not an image of a series (modality " + instance.modality + ")";
      (is_image ? images_ : others_).push_back(std::move(instance));
    } catch (const InputError& error) {
      file.remark = std::string("broken: ") + error.what();
      if (!IsOtherClass(layout.sop_class_uid) && !study_.error) study_.error = error;
    }
  }

  const std::filesystem::path& root_;
  const DicomReadOptions& options_;
  const ReadLimits& limits_;
  DicomStudy study_;
  std::vector<DicomInstance> images_, others_;
};

}  // namespace

DicomStudy InspectDicomStudy(const std::vector<std::filesystem::path>& files, const std::filesystem::path& root,
                             const DicomReadOptions& options, const ReadLimits& limits, std::int64_t unix_now) {
  options.Check();
  limits.Check();
  if (files.size() > limits.max_files) {
    throw InputError("LIMIT_EXCEEDED", "", "",
                     std::to_string(files.size()) + " files, " + std::to_string(limits.max_files) + " allowed");
  }
  StudyReader reader(root, options, limits);
  for (const std::filesystem::path& file : files) reader.Read(file);
  return reader.Finish(unix_now);
}

}  // namespace dinsd
