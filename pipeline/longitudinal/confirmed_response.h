#pragma once

#include <string>
#include <vector>

#include "pipeline/longitudinal/lesion_change.h"

namespace dinsd {

/// `date` (YYYY-MM-DD) so many months later, by the calendar; the last day of a month that is too short. Empty where
/// `date` is none.
[[nodiscard]] std::string MonthsLater(const std::string& date, int months);

/// Notes confirmed responses in the cells of one track: the class against the baseline is `decrease` on two or more
/// consecutive final scans that lie `months` or more apart; the date is that of the first scan by which this held. A
/// scan that does not show the lesion, or that does not find it, breaks the row: that nobody clicked a lesion is no
/// measurement. Once a response ended (the decrease holds no more) it is told no more.
void ConfirmResponses(const std::vector<PatientTimepoint>& timepoints, int months, std::vector<CellVerdict>& cells);

}  // namespace dinsd
