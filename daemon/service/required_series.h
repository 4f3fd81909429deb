#pragma once

#include <string>

#include "config/settings.h"
#include "daemon/messages/reader_messages.h"

namespace dinsd {

/// Code of a study to which a series has not come yet that its watched folder requires: it waits for a change.
inline constexpr char kRequiredSeries[] = "REQUIRED_SERIES";

/// Makes a study incomplete to which a series of its folder's required_series has not come: that is then the problem of
/// `answer`, unless a person has to look at the study anyway. `source` names the watched folder; a study that was
/// submitted by its path waits for nothing.
void AwaitRequiredSeries(const Settings& settings, const std::string& source, ReaderAnswer& answer);

}  // namespace dinsd
