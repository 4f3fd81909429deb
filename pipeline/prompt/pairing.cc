#include "pipeline/prompt/pairing.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/merge_stations.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kMaxPromptBytes = std::uint64_t{16} << 20;

bool IsNativeFile(const std::string& file) {
  return file.ends_with(".prompts.json");
}
bool IsSlicerFile(const std::string& file) {
  return file.ends_with(".mrk.json");
}
bool IsBoxFile(const std::string& file) {
  return std::filesystem::path(file).extension() == ".csv";
}

// Newest last change of a file, RFC 3339: when foreign clicks were made, as far as anything says.
std::string LastChange(const std::filesystem::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? FormatDateTime(status.st_mtim.tv_sec) : FormatDateTime(0);
}

std::vector<std::byte> PromptBytes(const std::filesystem::path& root, const std::string& file,
                                   const ReadLimits& limits) {
  try {
    return ReadFileBytes(root, file, std::min(kMaxPromptBytes, limits.max_file_bytes));
  } catch (const InputError& error) {
    if (error.code() != "LIMIT_EXCEEDED") throw;
    throw InputError("PROMPT_SCHEMA", file, "", error.sentence(), InputVerdict::kNeedsPrompts);  // the images are fine
  }
}

// 3D Slicer writes a file per list: all of them together are the prompts. `others` names files that are copies.
PairedPrompts ReadSlicerFiles(const std::filesystem::path& root, const std::vector<std::string>& names,
                              const StudyImage& image, const std::string& study_uid, const ReadLimits& limits) {
  PairedPrompts paired;
  std::vector<MarkupsFile> files;
  std::vector<std::vector<std::byte>> contents(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    contents[i] = PromptBytes(root, names[i], limits);
    const std::string sha256 = Sha256Hex(contents[i]);
    if (std::any_of(files.begin(), files.end(), [&](const MarkupsFile& file) { return file.file.sha256 == sha256; })) {
      paired.others.push_back(names[i] + ": the same prompts again");
    } else {
      files.push_back({{names[i], sha256, LastChange(root / names[i])}, contents[i]});
    }
  }
  paired.prompts = ParseSlicerMarkups(files, image, study_uid);
  const ForeignFile one = AsOne(files);
  paired.file = one.file;
  paired.sha256 = one.sha256;
  return paired;
}

PairedPrompts ReadPrompts(const std::filesystem::path& root, const std::string& file, const StudyImage& image,
                          const std::string& study_uid, const ReadLimits& limits, std::int64_t unix_now) {
  if (IsSlicerFile(file)) return ReadSlicerFiles(root, {file}, image, study_uid, limits);
  const std::vector<std::byte> bytes = PromptBytes(root, file, limits);
  PairedPrompts paired{.file = file, .sha256 = Sha256Hex(bytes)};
  if (IsBoxFile(file)) {
    paired.prompts = ParseNfBoxes(bytes, {file, paired.sha256, LastChange(root / file)}, image, study_uid);
  } else {
    paired.prompts = ParsePrompts(bytes, file, unix_now);
  }
  return paired;
}

[[noreturn]] void RefuseAmbiguous(const std::string& file, const char* field, const std::string& sentence) {
  throw InputError("PROMPT_AMBIGUOUS", file, field, sentence, InputVerdict::kNeedsPrompts);
}

// Two files of equal rank.
[[noreturn]] void RefuseEqual(const std::string& file, const std::string& other) {
  if (IsNativeFile(file) && IsNativeFile(other)) {
    RefuseAmbiguous(file, "/provenance/created",
                    "and that of " + other + " are equal, for one image, and their clicks are not");
  }
  RefuseAmbiguous(
      file, "",
      "and " + other +
          " are for one image, their clicks differ, and not both say when they were made: leave one of them");
}

// A Slicer file gives points in the patient's space: it means every image of one frame of reference.
void CheckOnlyImage(const std::string& file, const InspectedStudy& study, const StudyImage& chosen) {
  for (const StudyImage& image : study.images) {
    if (&image == &chosen || image.error) continue;
    if (image.frame_of_reference_uid.empty() || image.frame_of_reference_uid != chosen.frame_of_reference_uid) {
      RefuseAmbiguous(file, "/markups",
                      "names no image, and the study holds several of different or unknown frames of reference");
    }
  }
}

bool IsVerified(const Prompts& prompts) {
  const auto is_settled = [&](const PromptClick& click) {
    return StatusOf(click, prompts.provenance) != ClickStatus::kProposed;
  };
  bool is_verified = std::all_of(prompts.background.begin(), prompts.background.end(), is_settled);
  for (const PromptLesion& lesion : prompts.lesions) {
    is_verified = is_verified && std::all_of(lesion.clicks.begin(), lesion.clicks.end(), is_settled);
  }
  return is_verified;
}

// Where prompts stand among others of one image: verified ones first, then the newest. Other programs' files do not say
// when they were made, and a copy changes when they were changed: theirs is no time.
std::pair<bool, std::optional<std::int64_t>> Rank(const PairedPrompts& source) {
  std::optional<std::int64_t> made;
  if (IsNativeFile(source.file)) made = ParseDateTime(source.prompts.provenance.created);
  return {IsVerified(source.prompts), made};
}

bool HaveSameRank(const PairedPrompts& a, const PairedPrompts& b) {
  const auto [a_is_verified, a_made] = Rank(a);
  const auto [b_is_verified, b_made] = Rank(b);
  return a_is_verified == b_is_verified && (!a_made || !b_made || *a_made == *b_made);
}

bool SayTheSame(const PairedPrompts& a, const PairedPrompts& b) {
  nlohmann::json one = PromptsToJson(a.prompts), other = PromptsToJson(b.prompts);
  if (!IsNativeFile(a.file) && !IsNativeFile(b.file)) {
    for (nlohmann::json* document : {&one, &other}) document->at("provenance").erase("created");
  }
  return one == other;
}

// Takes the first by rank, and names the others in it.
PairedPrompts TakeBest(std::vector<PairedPrompts> sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const PairedPrompts& a, const PairedPrompts& b) { return Rank(a) > Rank(b); });
  PairedPrompts best = std::move(sources.front());
  for (auto other = sources.begin() + 1; other != sources.end(); ++other) {
    const bool is_equal = SayTheSame(*other, best);
    if (!is_equal && HaveSameRank(best, *other)) RefuseEqual(best.file, other->file);
    best.others.push_back(other->file + ": " + (is_equal ? "the same prompts again" : "older or less verified"));
    best.others.insert(best.others.end(), other->others.begin(), other->others.end());
  }
  return best;
}

// Which station a sidecar is for, as far as it says; several may be one series.
std::string StationKey(const PairedPrompts& source, const StudyImage& image) {
  const PromptImage& named = source.prompts.image;
  const auto is_named = [&](const StudyImage& station) { return NamesImage(named, station); };
  if (!named.grid || std::count_if(image.stations.begin(), image.stations.end(), is_named) < 2) return named.series_uid;
  const auto number = &StationNamed(source.prompts, image, source.file) - image.stations.data();
  return named.series_uid + " " + std::to_string(number);
}

// Sidecars of several stations, each station's by their rank, are together those of the examination. Files that name no
// series speak of all stations and stand against every other.
PairedPrompts TakeBestOf(std::vector<PairedPrompts> sources, const StudyImage& image) {
  const bool name_series = std::all_of(sources.begin(), sources.end(), [](const PairedPrompts& source) {
    return IsNativeFile(source.file) && !source.prompts.image.series_uid.empty();
  });
  if (image.stations.empty() || !name_series) return TakeBest(std::move(sources));
  std::map<std::string, std::vector<PairedPrompts>> by_station;
  for (PairedPrompts& source : sources) by_station[StationKey(source, image)].push_back(std::move(source));
  std::vector<PairedPrompts> best;
  best.reserve(by_station.size());
  for (auto& [key, of_station] : by_station) best.push_back(TakeBest(std::move(of_station)));
  return best.size() == 1 ? std::move(best.front()) : MergeStationPrompts(best, image);
}

// An image that cannot be read may be the one that was named, before it was damaged; unless its series says otherwise.
bool MayBeNamed(const PromptImage& named, const StudyImage& image) {
  return image.error && (named.series_uid.empty() || image.series_uid.empty());
}

// Whether the bytes of the only file decided that it is not the one that was named.
bool DiffersInBytes(const PromptImage& named, const InspectedStudy& study) {
  if (named.sha256.empty() || study.images.size() != 1) return false;
  const StudyImage& only = study.images[0];
  return only.format != ImageFormat::kDicomSeries && only.file_sha256.size() == 1 &&
         (named.series_uid.empty() || only.series_uid.empty());
}

std::string NoneOf(const PromptImage& named, const InspectedStudy& study) {
  if (DiffersInBytes(named, study)) {
    return "names an image by its sha256, and the sha256 of " + study.images[0].files[0] +
           " differs: " + study.images[0].file_sha256[0] + ", not " + named.sha256;
  }
  std::string bad;
  for (const StudyImage& image : study.images) {
    if (MayBeNamed(named, image)) bad = "; one cannot be read: " + image.error->code();
  }
  return "names " + (named.series_uid.empty() ? named.sha256 : named.series_uid) + ", which is none of the " +
         std::to_string(study.images.size()) + " images of the study" + bad;
}

// Throws where the prompts are for no image of the study: the error of an image that may have been meant, where no
// other can be read, else a mismatch.
void CheckIsForStudy(const PairedPrompts& source, const InspectedStudy& study) {
  const PromptImage& named = source.prompts.image;
  const auto is_named = [&](const StudyImage& image) { return NamesImage(named, image); };
  const auto may_be_named = [&](const StudyImage& image) { return MayBeNamed(named, image); };
  if (study.images.empty() || std::any_of(study.images.begin(), study.images.end(), is_named)) return;
  if (std::all_of(study.images.begin(), study.images.end(), may_be_named)) throw InputError(*study.images[0].error);
  throw InputError(
      "PROMPT_IMAGE_MISMATCH", source.file,
      named.series_uid.empty() || DiffersInBytes(named, study) ? "/image/sha256" : "/image/seriesInstanceUID",
      NoneOf(named, study) + UnlistedInWords(study), InputVerdict::kQuarantined);
}

}  // namespace

std::optional<PairedPrompts> FindPrompts(const std::filesystem::path& root, const InspectedStudy& study,
                                         const ReadLimits& limits, std::int64_t unix_now) {
  const std::string& study_uid = study.identity.study_uid;
  const auto read = [&](bool (*is_wanted)(const std::string&), const StudyImage& image) {
    std::vector<PairedPrompts> found;
    for (const std::string& file : study.prompt_files) {
      if (is_wanted(file)) found.push_back(ReadPrompts(root, file, image, study_uid, limits, unix_now));
    }
    return found;
  };
  if (study.prompt_files.empty()) return std::nullopt;
  std::vector<PairedPrompts> native = read(IsNativeFile, {});  // first: a broken sidecar may be why none is chosen
  for (const PairedPrompts& source : native) CheckIsForStudy(source, study);
  const StudyImage& chosen = ChosenImage(study);
  std::vector<PairedPrompts> sources = read(IsBoxFile, chosen);
  std::vector<std::string> lists;
  std::copy_if(study.prompt_files.begin(), study.prompt_files.end(), std::back_inserter(lists), IsSlicerFile);
  if (!lists.empty()) sources.push_back(ReadSlicerFiles(root, lists, chosen, study_uid, limits));
  for (const std::string& file : lists) CheckOnlyImage(file, study, chosen);
  std::vector<std::string> others;
  for (PairedPrompts& source : native) {
    if (NamesImage(source.prompts.image, chosen)) {
      CheckImage(source.prompts.image, chosen, study.identity.study_uid, source.file);
      sources.push_back(std::move(source));
    } else {
      others.push_back(source.file + ": for another image of the study");
    }
  }
  if (sources.empty()) return std::nullopt;
  PairedPrompts best = TakeBestOf(std::move(sources), chosen);
  best.others.insert(best.others.end(), others.begin(), others.end());
  return best;
}

PairedPrompts ReadPromptsFile(const std::filesystem::path& file, const InspectedStudy& study, const ReadLimits& limits,
                              std::int64_t unix_now) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(file, ignored);  // a person may name a link
  const std::string name = real.filename().string();
  const bool names_image = !IsSlicerFile(name) && !IsBoxFile(name);
  PairedPrompts paired =
      ReadPrompts(real.parent_path(), name, names_image ? StudyImage{} : ChosenImage(study), "", limits, unix_now);
  paired.file = file.filename().string();
  if (names_image) CheckIsForStudy(paired, study);
  return paired;
}

std::string SeriesNamedByPrompts(const std::filesystem::path& root, const std::vector<std::string>& files,
                                 const ReadLimits& limits, std::int64_t unix_now) {
  std::string named;
  for (const std::string& file : files) {
    if (!IsNativeFile(file)) continue;
    try {
      const PromptImage image = ReadPrompts(root, file, {}, "", limits, unix_now).prompts.image;
      const std::string& one = image.sha256.empty() ? image.series_uid : image.sha256;  // bytes pin a file best
      if (!named.empty() && named != one) return "";
      named = one;
    } catch (const InputError&) {
      return "";
    }
  }
  return named;
}

}  // namespace dinsd
