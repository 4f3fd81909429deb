#pragma once

#include <optional>
#include <string>

#include "pipeline/followup/prior_check.h"
#include "pipeline/followup/registration_options.h"
#include "pipeline/followup/warp_labels.h"

namespace dinsd {

/// All that is told of a registration.
struct RegistrationAccount {
  const StudyRegistration& registration;
  const RegistrationOptions& options;
  std::string key;             // RegistrationKey
  const WarpedLabels* warped;  // nothing (null) without a mask
  const PriorCheck* check;     // likewise
};

/// The account as JSON (dinsd-registration-report/1) for people and programs: key, options, figures and flags of each
/// station, lesions, verdict. Nothing in it names a patient, a path or the time. Ends with a line feed.
[[nodiscard]] std::string RegistrationReport(const RegistrationAccount& account);

}  // namespace dinsd
