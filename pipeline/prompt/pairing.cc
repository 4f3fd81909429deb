#include "pipeline/prompt/pairing.h"

#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/prompt_image.h"
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

PairedPrompts ReadPrompts(const std::filesystem::path& root, const std::string& file, const StudyImage& image,
                          const std::string& study_uid, const ReadLimits& limits) {
  const std::vector<std::byte> bytes = ReadFileBytes(root, file, std::min(kMaxPromptBytes, limits.max_file_bytes));
  PairedPrompts paired{.file = file, .sha256 = Sha256Hex(bytes)};
  const ForeignFile foreign{file, paired.sha256, LastChange(root / file)};
  if (IsSlicerFile(file)) {
    paired.prompts = ParseSlicerMarkups(bytes, foreign, image, study_uid);
  } else if (IsBoxFile(file)) {
    paired.prompts = ParseNfBoxes(bytes, foreign, image, study_uid);
  } else {
    paired.prompts = ParsePrompts(bytes, file);
  }
  return paired;
}

[[noreturn]] void RefuseAmbiguous(const std::string& file, const std::string& sentence) {
  throw InputError("PROMPT_AMBIGUOUS", file, "", sentence, InputVerdict::kNeedsPrompts);
}

// A Slicer file gives points in the patient's space: it means every image of one frame of reference.
void CheckOnlyImage(const std::string& file, const InspectedStudy& study, const StudyImage& chosen) {
  for (const StudyImage& image : study.images) {
    if (&image == &chosen || image.error) continue;
    if (image.frame_of_reference_uid.empty() || image.frame_of_reference_uid != chosen.frame_of_reference_uid) {
      RefuseAmbiguous(file, "names no image, and the study holds several of different or unknown frames of reference");
    }
  }
}

// Where prompts stand among others of one image: verified ones first, then the newest.
std::pair<bool, std::int64_t> Rank(const Prompts& prompts) {
  const auto is_settled = [&](const PromptClick& click) {
    return StatusOf(click, prompts.provenance) != ClickStatus::kProposed;
  };
  bool is_verified = std::all_of(prompts.background.begin(), prompts.background.end(), is_settled);
  for (const PromptLesion& lesion : prompts.lesions) {
    is_verified = is_verified && std::all_of(lesion.clicks.begin(), lesion.clicks.end(), is_settled);
  }
  return {is_verified, ParseDateTime(prompts.provenance.created).value_or(0)};
}

// Takes the first by rank, and names the others in it.
PairedPrompts TakeBest(std::vector<PairedPrompts> sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const PairedPrompts& a, const PairedPrompts& b) { return Rank(a.prompts) > Rank(b.prompts); });
  PairedPrompts best = std::move(sources.front());
  for (auto other = sources.begin() + 1; other != sources.end(); ++other) {
    const bool is_equal = PromptsToJson(other->prompts) == PromptsToJson(best.prompts);
    if (!is_equal && Rank(other->prompts) == Rank(best.prompts)) {
      RefuseAmbiguous(best.file, "and " + other->file + " are for one image, of one time and unequal");
    }
    best.others.push_back(other->file + ": " + (is_equal ? "the same prompts again" : "older or less verified"));
  }
  return best;
}

// Throws where the prompts are for no image of the study.
void CheckIsForStudy(const PairedPrompts& source, const InspectedStudy& study) {
  const PromptImage& named = source.prompts.image;
  const auto is_named = [&](const StudyImage& image) { return NamesImage(named, image); };
  if (std::any_of(study.images.begin(), study.images.end(), is_named)) return;
  throw InputError("PROMPT_IMAGE_MISMATCH", source.file,
                   named.series_uid.empty() ? "/image/sha256" : "/image/seriesInstanceUID",
                   "names " + (named.series_uid.empty() ? named.sha256 : named.series_uid) + ", which is none of the " +
                       std::to_string(study.images.size()) + " images of the study",
                   InputVerdict::kQuarantined);
}

}  // namespace

std::optional<PairedPrompts> FindPrompts(const std::filesystem::path& root, const InspectedStudy& study,
                                         const ReadLimits& limits) {
  const auto read = [&](bool is_native, const StudyImage& image) {
    std::vector<PairedPrompts> found;
    for (const std::string& file : study.prompt_files) {
      if (IsNativeFile(file) == is_native) {
        found.push_back(ReadPrompts(root, file, image, study.identity.study_uid, limits));
      }
    }
    return found;
  };
  if (study.prompt_files.empty()) return std::nullopt;
  std::vector<PairedPrompts> native = read(true, {});  // first: a broken sidecar may be why no image is chosen
  for (const PairedPrompts& source : native) CheckIsForStudy(source, study);
  const StudyImage& chosen = ChosenImage(study);
  std::vector<PairedPrompts> sources = read(false, chosen);
  for (const PairedPrompts& foreign : sources) {
    if (IsSlicerFile(foreign.file)) CheckOnlyImage(foreign.file, study, chosen);
  }
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
  PairedPrompts best = TakeBest(std::move(sources));
  best.others.insert(best.others.end(), others.begin(), others.end());
  return best;
}

PairedPrompts ReadPromptsFile(const std::filesystem::path& file, const StudyImage& image, const ReadLimits& limits) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(file, ignored);  // a person may name a link
  PairedPrompts paired = ReadPrompts(real.parent_path(), real.filename().string(), image, "", limits);
  paired.file = file.filename().string();
  return paired;
}

std::string SeriesNamedByPrompts(const std::filesystem::path& root, const std::vector<std::string>& files,
                                 const ReadLimits& limits) {
  std::string named;
  for (const std::string& file : files) {
    if (!IsNativeFile(file)) continue;
    try {
      const PromptImage image = ReadPrompts(root, file, {}, "", limits).prompts.image;
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
