#include "pipeline/longitudinal/study_shelf.h"

#include <algorithm>

#include "pipeline/read/label_file.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostKept = 2;

}  // namespace

std::shared_ptr<const MeasuredStudy> StudyShelf::Find(std::size_t t) {
  const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const auto& kept) { return kept.first == t; });
  if (known != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, known);
    return kept_.front().second;
  }
  if (!obstacles_.at(t).empty()) return nullptr;
  if (kept_.size() == kMostKept) kept_.pop_back();  // before the next is read: they are large
  try {
    const auto study = std::make_shared<MeasuredStudy>(ReadMeasuredStudy(timepoints_.at(t).place, options_));
    study->mask.grid = study->volumes.whole.grid;
    kept_.emplace_front(t, study);
    return study;
  } catch (const InputError& error) {
    obstacles_[t] = "images gone: " + error.code();
    if (!error.file().empty()) obstacles_[t].append(", ").append(error.file());
    obstacles_[t].append(": ").append(error.sentence());
    return nullptr;
  }
}

std::shared_ptr<const MeasuredStudy> StudyShelf::FindOrMask(std::size_t t) {
  if (std::shared_ptr<const MeasuredStudy> study = Find(t)) return study;
  const auto bare = std::make_shared<MeasuredStudy>();
  bare->mask = ReadLabelFile(timepoints_.at(t).place.result / "mask.nii.gz", options_.limits);
  bare->volumes.whole = {bare->mask.grid, std::vector<float>(bare->mask.labels.size(), 0)};
  return bare;
}

bool NamesPatient(const MeasuredStudy& study, const PatientTimepoint& timepoint) {
  return study.identity.patient == timepoint.patient && study.identity.issuer == timepoint.issuer;
}

}  // namespace dinsd
