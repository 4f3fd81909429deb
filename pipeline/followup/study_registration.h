#pragma once

#include <string>
#include <vector>

#include "pipeline/followup/registration.h"
#include "pipeline/read/station_map.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {

/// A prior study brought over the study of today. Of a study in stations each station has a registration of its own: a
/// leg may lie otherwise than the trunk does. A place belongs to the station that owns it.
struct StudyRegistration {
  StationMap today;                 // the stations of today's study; a study without is its own only one
  std::vector<Registration> parts;  // one a station, head to feet

  /// Where a place of today's study (LPS mm) lies in the prior one: by the station that owns it, else by the nearest.
  [[nodiscard]] Point3 ToPrior(const Point3& today_lps) const;
  /// The other way round: by the station that owns the place it comes to, else by the one that it misses least.
  [[nodiscard]] Point3 ToToday(const Point3& prior_lps) const { return parts.at(PartOf(prior_lps)).ToToday(prior_lps); }
  /// The station that a place of the prior study comes to.
  [[nodiscard]] std::size_t PartOf(const Point3& prior_lps) const;
  /// All parts' flags, each once.
  [[nodiscard]] std::vector<std::string> Flags() const;
};

/// A study without stations that consists of one image, registered.
[[nodiscard]] StudyRegistration AsStudy(Registration registration, const GridGeometry& today);

/// Registers a study with the prior one, station by station: each station of today with the whole of the prior study,
/// within 100 mm of where the whole of today lies in it, so that stations need not have been cut alike.
/// options.time_limit_seconds holds for each. Throws what RegisterImages throws; the sentence names the station.
[[nodiscard]] StudyRegistration RegisterStudies(const StudyVolumes& prior, const StudyVolumes& today,
                                                const RegistrationOptions& options = {},
                                                const OnRegistrationProgress& progress = {});

}  // namespace dinsd
