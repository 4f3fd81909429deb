#include "pipeline/import/find_mask.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>

#include "pipeline/import/mask_source.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& field, const std::string& why) {
  throw InputError(code, file, field, why, InputVerdict::kNeedsPrompts);
}

std::string NamesOf(const MaskSource& source) {
  std::string names;
  for (const ImportedFile& file : source.mask.files) names.append(names.empty() ? "" : ", ").append(file.file);
  return names;
}

void Append(std::vector<std::string> from, std::vector<std::string>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Another segmentation of the same series, whose lesions come behind those that are there.
void AddPart(MaskSource part, MaskSource& whole) {
  const auto before = static_cast<std::uint16_t>(whole.mask.lesions.size());
  for (std::uint16_t& label : part.labels.labels) {
    if (label != 0) label = static_cast<std::uint16_t>(label + before);
  }
  const std::string& file = part.mask.files.front().file;
  Refusing(file, [&] { AddLabels(part.labels, file, whole.labels); });
  Append(std::move(part.not_taken), whole.not_taken);
  for (ImportedLesion& lesion : part.mask.lesions) lesion.file = whole.mask.files.size();
  whole.mask.lesions.insert(whole.mask.lesions.end(), part.mask.lesions.begin(), part.mask.lesions.end());
  whole.mask.files.insert(whole.mask.files.end(), part.mask.files.begin(), part.mask.files.end());
  if (whole.mask.made != part.mask.made) whole.mask.made.append(", ").append(part.mask.made);
  if (whole.mask.maker != part.mask.maker) whole.mask.maker.append(", ").append(part.mask.maker);
}

// Whether both divide the same voxels in the same way, whatever they call the parts.
bool IsSameMask(const LabelMap& a, const LabelMap& b) {
  std::map<std::uint16_t, std::uint16_t> there, back;
  for (std::size_t at = 0; at < a.labels.size(); ++at) {
    const std::uint16_t one = a.labels[at], other = b.labels.at(at);
    if ((one == 0) != (other == 0)) return false;
    if (one == 0) continue;
    if (there.try_emplace(one, other).first->second != other || back.try_emplace(other, one).first->second != one)
      return false;
  }
  return true;
}

void CheckTracking(const MaskSource& source) {
  std::map<std::string, std::int64_t> known;
  for (const ImportedLesion& lesion : source.mask.lesions) {
    if (lesion.tracking_uid.empty()) continue;
    const auto [at, is_new] = known.try_emplace(lesion.tracking_uid, lesion.number);
    if (is_new) continue;
    Refuse("MASK_TRACKING", NamesOf(source), "TrackingUID",
           std::string("of segments ")
               .append(std::to_string(at->second))
               .append(" and ")
               .append(std::to_string(lesion.number))
               .append(" is the same: which of them is the lesion is not guessed"));
  }
}

void CheckHasVoxels(const MaskSource& source) {
  const auto& labels = source.labels.labels;
  if (std::all_of(labels.begin(), labels.end(), [](std::uint16_t label) { return label == 0; }))
    Refuse("MASK_EMPTY", NamesOf(source), "", "holds no voxel of a lesion: whether there is no tumour it does not say");
}

// What was taken, so that another choice among the same segments is another mask.
std::string DigestOf(const ImportedMask& mask) {
  std::string text = mask.kind;
  for (const ImportedFile& file : mask.files) text.append("\n").append(file.sha256);
  for (const ImportedLesion& lesion : mask.lesions) text.append("\n").append(std::to_string(lesion.number));
  return Sha256Hex(std::as_bytes(std::span(text)));
}

// A segmentation that is not taken although it may be a part of a mask.
struct MissingPart {
  std::string series_uid;  // empty: it cannot be told
  std::string why;         // "FILE: why"
};

class MaskFinder {
 public:
  MaskFinder(const std::filesystem::path& root, const InspectedStudy& study, const ImportOptions& options,
             const ReadLimits& limits)
      : root_(root), study_(study), image_(ChosenImage(study)), options_(options), limits_(limits) {}

  FoundMask Find() {
    if (!study_.mask_files.empty() && !image_.stations.empty()) {
      for (const std::string& file : study_.mask_files)
        NotTaken(file, "the image is of several stations, whose masks are not read");
    } else if (image_.format == ImageFormat::kDicomSeries) {
      FindObjects();
    } else {
      FindFiles();
    }
    return Decide();
  }

 private:
  void NotTaken(const std::string& file, const std::string& why) { found_.not_taken.push_back(file + ": " + why); }

  void FindObjects() {
    std::optional<SourceSeries> series;
    for (const std::string& file : study_.mask_files) {
      if (file.ends_with(".mask.nii.gz")) {
        NotTaken(file, "the image that is segmented is a DICOM series");
        continue;
      }
      if (!series) series = ReadSourceSeries(root_, image_, limits_);
      Take(SourceOf(file, *series));
    }
  }

  MaskSource SourceOf(const std::string& file, const SourceSeries& series) const {
    MaskSource unread{.is_missing_part = true};  // of nobody knows which series
    std::vector<std::byte> bytes;
    if (!CanBeRead(
            file, [&] { bytes = ReadFileBytes(root_, file, limits_.max_file_bytes); }, unread))
      return unread;
    const MaskFile mask{file, Sha256Hex(bytes), bytes};
    const bool is_rtstruct = IsRtStructClass(PrescanDicom(bytes, file).sop_class_uid);
    return is_rtstruct ? MaskOfRtStructFile(mask, series, options_) : MaskOfSegFile(mask, series);
  }

  void FindFiles() {
    for (const std::string& file : study_.mask_files) {
      if (file != image_.files.at(0) + ".mask.nii.gz") {
        NotTaken(file, "is of another image than the one that is segmented");
        continue;
      }
      std::vector<std::byte> bytes;
      Refusing(file, [&] { bytes = ReadFileBytes(root_, file, limits_.max_file_bytes); });
      Take(MaskOfLabelFile({file, Sha256Hex(bytes), bytes}, image_.grid, image_.file_sha256.at(0), limits_));
    }
  }

  void Take(MaskSource source) {
    if (source.is_missing_part) missing_.push_back({source.series_uid, source.not_taken.back()});
    if (source.mask.lesions.empty()) return Append(std::move(source.not_taken), found_.not_taken);
    const auto same_series = std::find_if(sources_.begin(), sources_.end(), [&](const MaskSource& known) {
      return source.mask.kind == "DICOM SEG" && known.mask.kind == source.mask.kind &&
             known.series_uid == source.series_uid;
    });
    if (same_series == sources_.end()) {
      sources_.push_back(std::move(source));
    } else {
      AddPart(std::move(source), *same_series);
    }
  }

  // Segmentations first: they have the tracking.
  FoundMask Decide() {
    std::stable_sort(sources_.begin(), sources_.end(), [](const MaskSource& a, const MaskSource& b) {
      return a.mask.kind == "DICOM SEG" && b.mask.kind != "DICOM SEG";
    });
    for (MaskSource& source : sources_) {
      CheckIsWhole(source);
      CheckTracking(source);
      CheckHasVoxels(source);
      Append(std::move(source.not_taken), found_.not_taken);
    }
    for (std::size_t n = 1; n < sources_.size(); ++n) {
      if (!IsSameMask(sources_[0].labels, sources_[n].labels)) {
        Refuse("MASK_AMBIGUOUS", NamesOf(sources_[0]), "",
               std::string("and ")
                   .append(NamesOf(sources_[n]))
                   .append(" are masks of one image and differ: leave one of them"));
      }
      NotTaken(NamesOf(sources_[n]), std::string("the same mask as ").append(NamesOf(sources_[0])));
    }
    if (!sources_.empty()) TakeFirst();
    return std::move(found_);
  }

  // What is left of a mask is not the mask: a lesion of the missing part would be told as not there.
  void CheckIsWhole(const MaskSource& source) const {
    if (source.mask.kind != "DICOM SEG") return;
    for (const MissingPart& part : missing_) {
      if (!part.series_uid.empty() && part.series_uid != source.series_uid) continue;
      Refuse("MASK_INCOMPLETE", NamesOf(source), "SeriesInstanceUID",
             std::string("is of a segmentation of several objects, and not all of it can be taken: ")
                 .append(part.why)
                 .append(". It is taken as a whole or not at all"));
    }
  }

  void TakeFirst() {
    MaskSource& first = sources_.front();
    const bool is_segments = first.mask.kind == "DICOM SEG";
    GiveIds(is_segments ? "segment" : "region", first.mask.lesions);
    first.mask.sha256 = DigestOf(first.mask);
    found_.labels = std::move(first.labels);
    found_.mask = std::move(first.mask);
  }

  const std::filesystem::path& root_;
  const InspectedStudy& study_;
  const StudyImage& image_;
  const ImportOptions& options_;
  const ReadLimits& limits_;
  std::vector<MaskSource> sources_;
  std::vector<MissingPart> missing_;
  FoundMask found_;
};

}  // namespace

FoundMask FindMask(const std::filesystem::path& root, const InspectedStudy& study, const ImportOptions& options,
                   const ReadLimits& limits) {
  if (study.mask_files.empty()) return {};
  return MaskFinder(root, study, options, limits).Find();
}

}  // namespace dinsd
