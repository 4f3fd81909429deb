#include "pipeline/longitudinal/image_comparer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pipeline/followup/prior_check.h"
#include "pipeline/followup/registration_cache.h"
#include "pipeline/followup/registration_error.h"
#include "pipeline/followup/warp_labels.h"
#include "pipeline/read/label_file.h"

namespace dinsd {
namespace {

constexpr double kImagedShare = 0.5;  // of a lesion's voxels, as for those of a prior (WarpLabelsOptions)

std::array<double, 3> IndexOfVoxel(const GridGeometry& grid, std::size_t at) {
  const Index3 v = IndexAt(grid.SizeZyx(), at);
  return {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.z)};
}

bool IsInside(const GridGeometry& grid, const Point3& lps) {
  const std::array<double, 3> at = IndexFromLps(grid, lps);
  for (std::size_t d = 0; d < 3; ++d) {
    if (at.at(d) < -0.5 || at.at(d) > static_cast<double>(grid.size.at(d)) - 0.5) return false;
  }
  return true;
}

struct Counts {
  double all = 0, inside = 0;
};

// Of the later lesions, those whose place the earlier image holds.
std::set<std::uint16_t> ImagedBefore(const LabelMap& later, const GridGeometry& earlier,
                                     const StudyRegistration& registration, const std::set<std::uint16_t>& open) {
  std::map<std::uint16_t, Counts> counts;
  for (std::size_t at = 0; at < later.labels.size(); ++at) {
    if (!open.contains(later.labels[at])) continue;
    Counts& of = counts[later.labels[at]];
    ++of.all;
    const Point3 lps = LpsFromIndex(later.grid, IndexOfVoxel(later.grid, at));
    if (IsInside(earlier, registration.ToPrior(lps))) ++of.inside;
  }
  std::set<std::uint16_t> imaged;
  for (const auto& [label, of] : counts) {
    if (of.inside >= kImagedShare * of.all) imaged.insert(label);
  }
  return imaged;
}

bool Has(const std::vector<std::string>& flags, const char* flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::string NameOf(const PatientTimepoint& timepoint, std::uint16_t label) {
  const auto found = std::find_if(timepoint.lesions.begin(), timepoint.lesions.end(),
                                  [&](const MeasuredLesion& lesion) { return lesion.lesion.label == label; });
  return found == timepoint.lesions.end() ? std::to_string(label) : found->lesion.id;
}

void TakeWarped(const WarpedLabels& warped, const PatientTimepoint& earlier, const std::set<std::uint16_t>& open,
                PlaceAnswer& answer) {
  for (const WarpedLesion& lesion : warped.lesions) {
    if (!open.contains(lesion.label)) continue;
    answer.place_later[lesion.label] = lesion.centre_today;
    if (Has(lesion.flags, "not_imaged")) answer.not_imaged.insert(lesion.label);
    if (Has(lesion.flags, "partly_imaged")) answer.partly_imaged.insert(lesion.label);
    if (Has(lesion.flags, "reg_roundtrip"))
      answer.findings.push_back("reg_roundtrip: the place of lesion " + NameOf(earlier, lesion.label) +
                                " is not sure: a registration the other way round brings it elsewhere");
  }
}

// A lesion of which the other image holds no voxel cannot be missed there.
void NoteUnshown(const LabelMap& brought, const std::set<std::uint16_t>& open, PlaceAnswer& answer) {
  const std::set<std::uint16_t> shown(brought.labels.begin(), brought.labels.end());
  for (const std::uint16_t label : open) {
    if (shown.contains(label)) continue;
    answer.not_imaged.insert(label);
    answer.place_later.erase(label);
  }
}

std::map<std::uint16_t, Point3> CentresOf(const LabelMap& map) {
  std::map<std::uint16_t, Point3> sums;
  std::map<std::uint16_t, double> counts;
  for (std::size_t at = 0; at < map.labels.size(); ++at) {
    if (map.labels[at] == 0) continue;
    const std::array<double, 3> index = IndexOfVoxel(map.grid, at);
    for (std::size_t d = 0; d < 3; ++d) sums[map.labels[at]].at(d) += index.at(d);
    ++counts[map.labels[at]];
  }
  for (auto& [label, sum] : sums) {
    for (double& s : sum) s /= counts.at(label);
    sum = LpsFromIndex(map.grid, sum);
  }
  return sums;
}

std::string Sentences(const PriorCheck& check) {
  std::string sentences;
  for (const PriorFinding& finding : check.findings) {
    if (finding.verdict != PriorVerdict::kRefused) continue;
    sentences.append(sentences.empty() ? "" : "; ").append(finding.name).append(": ").append(finding.sentence);
  }
  return sentences;
}

PlaceAnswer NotCompared(const std::string& why) {
  PlaceAnswer answer;
  answer.not_compared = why;
  return answer;
}

}  // namespace

PlaceAnswer ImageComparer::Compare(const PlaceQuestion& question) {
  const bool is_followed = IsFollowed(question);
  if (is_followed && question.open_later.empty()) return ByPriorMask(question);
  PlaceAnswer answer = ByImages(question);
  if (!answer.not_compared.empty() && is_followed && !question.open_earlier.empty()) {
    const std::string why = answer.not_compared;
    answer = ByPriorMask(question);
    answer.findings.push_back(why);
  }
  return answer;
}

bool ImageComparer::IsFollowed(const PlaceQuestion& question) const {
  const PatientTimepoint& later = timepoints_.at(question.later);
  return later.followed && !later.followed->is_revised &&
         later.followed->result_sha256 == timepoints_.at(question.earlier).place.result_sha256 &&
         std::filesystem::exists(later.place.result / "prior_mask.nii.gz");
}

PlaceAnswer ImageComparer::ByPriorMask(const PlaceQuestion& question) const {
  const PatientTimepoint& later = timepoints_.at(question.later);
  try {
    const LabelMap mask = ReadLabelFile(later.place.result / "mask.nii.gz");
    LabelMap brought = ReadLabelFile(later.place.result / "prior_mask.nii.gz");
    brought.grid = mask.grid;  // written side by side
    PlaceAnswer answer;
    answer.matches = MatchOpenLesions(brought, mask, question, options_.match);
    answer.place_later = CentresOf(brought);
    for (const std::uint16_t label : question.open_earlier) {
      if (later.followed->not_imaged.contains(label)) answer.not_imaged.insert(label);
    }
    NoteUnshown(brought, question.open_earlier, answer);
    return answer;
  } catch (const InputError& error) {
    return NotCompared(error.file() + ": " + error.sentence());
  }
}

OnRegistrationProgress ImageComparer::ProgressOf(const PlaceQuestion& question) const {
  const auto count = static_cast<double>(timepoints_.size());
  const std::string words = "comparing " + timepoints_.at(question.later).study_date + " with " +
                            timepoints_.at(question.earlier).study_date + ": ";
  return [this, words, count, later = static_cast<double>(question.later)](const std::string& stage, double share) {
    if (progress_) progress_(words + stage, (later + share) / count);
    return true;
  };
}

PlaceAnswer ImageComparer::ByImages(const PlaceQuestion& question) {
  const std::shared_ptr<const MeasuredStudy> earlier = shelf_.Find(question.earlier);
  if (!earlier) return NotCompared(shelf_.Obstacle(question.earlier));
  const std::shared_ptr<const MeasuredStudy> later = shelf_.Find(question.later);
  if (!later) return NotCompared(shelf_.Obstacle(question.later));
  try {
    const OnRegistrationProgress progress = ProgressOf(question);
    const StudyRegistration registration =
        RegisterOnce(earlier->volumes, later->volumes, options_.registration, options_.cache, progress);
    const WarpedLabels warped = WarpLabels(earlier->mask, later->volumes.whole.grid, registration);
    const PriorCheck check = CheckPrior(earlier->volumes, later->volumes, earlier->mask, registration, warped,
                                        options_.registration, {}, progress, options_.cache);
    if (check.verdict == PriorVerdict::kRefused) return NotCompared(Sentences(check));
    PlaceAnswer answer;
    for (const PriorFinding& finding : check.findings)
      answer.findings.push_back(finding.name + ": " + finding.sentence);
    answer.matches = MatchOpenLesions(warped.map, later->mask, question, options_.match);
    TakeWarped(warped, timepoints_.at(question.earlier), question.open_earlier, answer);
    NoteUnshown(warped.map, question.open_earlier, answer);
    answer.was_imaged = ImagedBefore(later->mask, earlier->mask.grid, registration, question.open_later);
    return answer;
  } catch (const RegistrationError& error) {
    return NotCompared(std::string("the images could not be registered: ") + error.what());
  }
}

}  // namespace dinsd
