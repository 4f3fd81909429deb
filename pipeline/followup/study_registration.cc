#include "pipeline/followup/study_registration.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/followup/registration_error.h"

namespace dinsd {
namespace {

// How many rows of the common grid a place lies outside of what a station owns; 0 inside.
double RowsOutside(const StationMap& map, std::size_t s, const Point3& lps) {
  const double row = IndexFromLps(map.grid, lps)[map.axis];
  const StationBlock& block = map.stations.at(s);
  const double begin = static_cast<double>(block.owned_begin) - 0.5, end = static_cast<double>(block.owned_end) - 0.5;
  return std::max({begin - row, row - end, 0.0});
}

OnRegistrationProgress PartOfProgress(const OnRegistrationProgress& progress, std::size_t s, std::size_t count) {
  if (!progress) return {};
  return [&progress, s, count](const std::string& stage, double share) {
    const auto parts = static_cast<double>(count);
    std::string words = stage;
    if (count > 1) words += ", station " + std::to_string(s + 1) + " of " + std::to_string(count);
    return progress(words, (static_cast<double>(s) + share) / parts);
  };
}

// Where the whole of the prior study lies: a station alone, of a leg perhaps, looks like more than one place of a body.
StartHint WholeStart(const StudyVolumes& prior, const StudyVolumes& today, const RegistrationOptions& options) {
  constexpr double kReachMm = 100;
  const auto& frame = today.whole.grid.direction;
  const std::vector<Start> starts = FindStarts(MakeWorkingImage(today.whole, frame, options.start_mm),
                                               MakeWorkingImage(prior.whole, frame, options.start_mm), 1, frame);
  return {FromFrame(frame, starts.front().shift), kReachMm};
}

}  // namespace

Point3 StudyRegistration::ToPrior(const Point3& today_lps) const {
  std::size_t best = 0;
  for (std::size_t s = 1; s < parts.size(); ++s) {
    if (RowsOutside(today, s, today_lps) < RowsOutside(today, best, today_lps)) best = s;
  }
  return parts.at(best).ToPrior(today_lps);
}

std::size_t StudyRegistration::PartOf(const Point3& prior_lps) const {
  if (parts.size() == 1) return 0;
  std::size_t best = 0;
  double least = -1;
  for (std::size_t s = 0; s < parts.size(); ++s) {
    const double outside = RowsOutside(today, s, parts[s].ToToday(prior_lps));
    if (least >= 0 && outside >= least) continue;
    least = outside;
    best = s;
  }
  return best;
}

std::vector<std::string> StudyRegistration::Flags() const {
  std::vector<std::string> flags;
  for (const Registration& part : parts) {
    for (const std::string& flag : part.flags) {
      if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
    }
  }
  return flags;
}

StudyRegistration AsStudy(Registration registration, const GridGeometry& today) {
  StudyRegistration study;
  study.today = MapStations({today}, 0);
  study.parts.push_back(std::move(registration));
  return study;
}

StudyRegistration RegisterStudies(const StudyVolumes& prior, const StudyVolumes& today,
                                  const RegistrationOptions& options, const OnRegistrationProgress& progress) {
  if (today.parts.empty())
    return AsStudy(RegisterImages(prior.whole, today.whole, options, progress), today.whole.grid);
  options.Check();
  StudyRegistration study;
  study.today = today.map;
  const StartHint hint = WholeStart(prior, today, options);
  for (std::size_t s = 0; s < today.parts.size(); ++s) {
    try {
      study.parts.push_back(
          RegisterImages(prior.whole, today.parts[s], options, PartOfProgress(progress, s, today.parts.size()), hint));
    } catch (const RegistrationError& error) {
      throw RegistrationError(error.code(), "station " + std::to_string(s + 1) + ": " + error.what());
    }
  }
  return study;
}

}  // namespace dinsd
