#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/registration_options.h"
#include "pipeline/longitudinal/patient_history.h"
#include "pipeline/phantom/phantom.h"
#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/study.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {

/// What is true of a lesion at a timepoint.
struct TrueLesion {
  std::int64_t voxels = 0;
  int slices = 0;
  int label = 0;  // in the newest result of its visit
};

/// A phantom patient with six visits half a year apart, whose results hold the truth. Lesion A grows and shrinks; it is
/// two lesions, "A" and "B", until they have grown together at the fourth visit. C vanishes at the third; D appears at
/// the second and vanishes at the sixth; E appears at the sixth. The fifth visit shows the upper half of the field
/// alone, without C's and D's places.
///
///   visit  job  result
///     1     1   r1 final, clicked on its own
///     2     2   r1 preliminary, r2 final, with the tracking UIDs of visit 1; D has none
///     3     3   r1 final, clicked on its own, with other weights
///     4     4   r1 final, with A 20 voxels smaller, r2 final, clicked on its own
///     5     5   r1 final, clicked on its own
///     6     6   r1 final, A with the tracking UID of visit 5
class PhantomPatient {
 public:
  static constexpr int kVisits = 6;

  /// Writes studies and results below `folder`: of so many visits, one of them (0: none) left for right.
  explicit PhantomPatient(std::filesystem::path folder, int visits = kVisits, int mirrored = 0)
      : folder_(std::move(folder)), mirrored_(mirrored) {
    for (int visit = 1; visit <= visits; ++visit) Make(visit);
  }

  [[nodiscard]] std::filesystem::path Study(int visit) const { return Folder(visit) / "study"; }
  [[nodiscard]] const std::vector<ResultOfJob>& results() const { return results_; }
  [[nodiscard]] const std::string& date(int visit) const { return dates_.at(visit); }

  /// By letter, of the newest result of a visit; 0 voxels where the result has no such lesion.
  [[nodiscard]] TrueLesion Truth(char letter, int visit) const {
    const auto found = truth_.at(visit).find(letter);
    return found == truth_.at(visit).end() ? TrueLesion{} : found->second;
  }
  static constexpr double kVoxelMl = 0.0625;
  static constexpr double kChangeLogSd = 0.05;  // of every volume: a change of 20 % is sure

 private:
  [[nodiscard]] std::filesystem::path Folder(int visit) const { return folder_ / ("visit" + std::to_string(visit)); }

  // L1 of the phantom is A (and B), L2 is C, L3 is D, L4 is E.
  static char LetterOf(const std::string& id) { return id == "L1" ? 'A' : static_cast<char>('A' + id[1] - '0'); }

  void Make(int visit) {
    Phantom phantom = MakePhantom({.preset = PhantomPreset::kSmall, .seed = 3, .timepoint = visit});
    if (visit == 5) Crop(phantom, 46);
    if (visit == mirrored_) Mirror(phantom);
    WritePhantom(phantom, Folder(visit));
    StudyResult result = Read(visit);
    const std::vector<char> letters = Label(phantom, visit, result.mask);
    for (std::size_t n = 0; n < letters.size(); ++n) AddLesion(letters[n], static_cast<int>(n + 1), visit, result);
    Publish(visit, result);
  }

  // The voxels left for right, on the same grid.
  static void Mirror(Phantom& phantom) {
    const auto columns = static_cast<std::size_t>(phantom.image.grid.size[0]);
    for (std::size_t row = 0; row < phantom.image.voxels.size(); row += columns) {
      const auto begin = static_cast<std::ptrdiff_t>(row), end = static_cast<std::ptrdiff_t>(row + columns);
      std::reverse(phantom.image.voxels.begin() + begin, phantom.image.voxels.begin() + end);
      std::reverse(phantom.truth.labels.begin() + begin, phantom.truth.labels.begin() + end);
    }
  }

  // The first rows of a phantom, from the head on.
  static void Crop(Phantom& phantom, std::int64_t rows) {
    const GridGeometry whole = phantom.image.grid;
    GridGeometry grid = whole;
    grid.size[1] = rows;
    Volume image{grid, {}};
    LabelMap truth{grid, {}};
    for (std::int64_t k = 0; k < whole.size[2]; ++k) {
      const auto begin = static_cast<std::ptrdiff_t>(k * whole.size[0] * whole.size[1]);
      const auto end = begin + static_cast<std::ptrdiff_t>(whole.size[0] * rows);
      image.voxels.insert(image.voxels.end(), phantom.image.voxels.begin() + begin, phantom.image.voxels.begin() + end);
      truth.labels.insert(truth.labels.end(), phantom.truth.labels.begin() + begin, phantom.truth.labels.begin() + end);
    }
    phantom.image = std::move(image);
    phantom.truth = std::move(truth);
  }

  StudyResult Read(int visit) {
    StudyResult result;
    result.study = InspectStudy(Study(visit), "visit" + std::to_string(visit), ListStudyFiles(Study(visit)), {});
    result.image = ChosenImage(result.study);
    result.volume = ReadStudyImage(Study(visit), result.image, {});
    result.mask = {result.volume.grid, std::vector<std::uint16_t>(result.volume.voxels.size(), 0)};
    result.unprompted = result.mask;
    result.weights_name = "phantom-truth.safetensors";
    result.weights_sha256 = std::string(64, visit == 3 ? 'd' : 'c');
    result.prompts.prompts.provenance = {.source = "human", .created = "2026-01-01T00:00:00Z"};
    result.prompts.prompts.provenance.operator_pseudonym = "reader-1";
    dates_[visit] = result.study.identity.study_date;
    return result;
  }

  // The truth as labels 1, 2, ...; whose letters they are.
  static std::vector<char> Label(const Phantom& phantom, int visit, LabelMap& mask) {
    std::vector<char> letters;
    std::map<std::pair<std::uint16_t, bool>, std::uint16_t> labels;
    const std::int64_t middle = MiddleRow(phantom);
    for (std::size_t at = 0; at < mask.labels.size(); ++at) {
      const std::uint16_t given = phantom.truth.labels[at];
      if (given == 0) continue;
      const char letter = LetterOf(phantom.lesions.at(given - 1U).id);
      const bool is_b = letter == 'A' && visit < 4 && IndexAt(mask.grid.SizeZyx(), at).y >= middle;
      const auto [label, is_new] = labels.try_emplace({given, is_b}, static_cast<std::uint16_t>(labels.size() + 1));
      if (is_new) letters.push_back(is_b ? 'B' : letter);
      mask.labels[at] = label->second;
    }
    return letters;
  }

  static std::int64_t MiddleRow(const Phantom& phantom) {
    std::int64_t low = phantom.truth.grid.size[1], high = 0;
    for (std::size_t at = 0; at < phantom.truth.labels.size(); ++at) {
      if (phantom.truth.labels[at] == 0 || phantom.lesions.at(phantom.truth.labels[at] - 1U).id != "L1") continue;
      low = std::min(low, IndexAt(phantom.truth.grid.SizeZyx(), at).y);
      high = std::max(high, IndexAt(phantom.truth.grid.SizeZyx(), at).y);
    }
    return (low + high + 1) / 2;
  }

  static TrueLesion Measure(const LabelMap& mask, int label) {
    TrueLesion lesion{.label = label};
    std::map<std::int64_t, int> slices;
    for (std::size_t at = 0; at < mask.labels.size(); ++at) {
      if (mask.labels[at] != label) continue;
      ++lesion.voxels;
      ++slices[IndexAt(mask.grid.SizeZyx(), at).z];
    }
    lesion.slices = static_cast<int>(slices.size());
    return lesion;
  }

  // Lesions are named by their place in the clicks: the same name says nothing of the same lesion.
  void AddLesion(char letter, int label, int visit, StudyResult& result) {
    const TrueLesion truth = Measure(result.mask, label);
    truth_[visit][letter] = truth;
    std::string id = "L";
    id.append(std::to_string(label));
    LesionResult lesion{.id = id, .label = static_cast<std::uint16_t>(label)};
    lesion.voxels = truth.voxels;
    lesion.volume_ml = static_cast<double>(truth.voxels) * kVoxelMl;
    lesion.slices_spanned = truth.slices;
    lesion.is_below_measurable = truth.slices < 3;
    lesion.clicks_positive = 1;
    lesion.interval = VolumeInterval{0.9 * lesion.volume_ml, 1.1 * lesion.volume_ml, 0.9, 6, kChangeLogSd};
    result.total_ml += lesion.volume_ml;
    result.lesions.push_back(lesion);
    const std::string series = result.image.series_uid, study = result.study.identity.study_uid;
    own_uid_[{visit, letter}] = TrackingUidOf(study, series, id);
    PromptLesion prompts{.id = id, .tracking_uid = GivenUid(letter, visit)};
    prompts.laterality = "L";
    prompts.type = letter <= 'B' ? "plexiform" : "discrete";
    prompts.depth = "internal";
    if (letter <= 'B') prompts.site = PromptCode{"68367000", "SCT", "Thigh"};
    result.prompts.prompts.lesions.push_back(prompts);
    result.resolved.lesions.push_back({.id = id});
  }

  [[nodiscard]] std::string GivenUid(char letter, int visit) const {
    if (visit == 2 && letter != 'D') return own_uid_.at({1, letter});
    if (visit == 6 && letter == 'A') return own_uid_.at({5, 'A'});
    return "";
  }

  void Publish(int visit, StudyResult& result) {
    if (visit == 2) {
      result.is_preliminary = true;
      Write(visit, 1, result);
      result.is_preliminary = false;
    }
    if (visit == 4) {
      StudyResult smaller = result;
      smaller.lesions[0].volume_ml -= 20 * kVoxelMl;
      Write(visit, 1, smaller);
    }
    Write(visit, visit == 2 || visit == 4 ? 2 : 1, result);
  }

  void Write(int visit, int revision, StudyResult& result) {
    std::string name = "r";
    name.append(std::to_string(revision));
    const std::filesystem::path place = folder_ / "results" / std::to_string(visit) / name;
    std::filesystem::create_directories(place);
    const ReportContext context{.job_id = std::to_string(visit),
                                .revision = revision,
                                .created = "2026-01-02T03:04:05Z",
                                .software = "dinsd phantom"};
    (void)WriteResultFolder(place, result, result.volume, context, "key");
    results_.push_back({visit, revision, place, Study(visit), "visit" + std::to_string(visit), "", ""});
  }

  std::filesystem::path folder_;
  int mirrored_ = 0;
  std::vector<ResultOfJob> results_;
  std::map<int, std::string> dates_;
  std::map<int, std::map<char, TrueLesion>> truth_;
  std::map<std::pair<int, char>, std::string> own_uid_;
};

/// Registrations that take seconds, exact enough for a thigh of a phantom.
inline RegistrationOptions QuickRegistration() {
  RegistrationOptions options;
  options.check_round_trip = false;
  for (SplinePass& pass : options.splines) pass.iterations = 4;
  return options;
}

}  // namespace dinsd
