#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dinsd {

/// Days since 1970-01-01 of a date such as 2026-11-01; nothing where there is no such day (years 0001 to 9999).
[[nodiscard]] std::optional<std::int64_t> ParseDate(std::string_view text);

/// Microseconds since 1970-01-01T00:00Z of a date-time of RFC 3339 such as 2026-11-01T09:30:00.5+01:00; digits beyond
/// microseconds are dropped, a leap second counts as the second after it. Nothing where it is none.
[[nodiscard]] std::optional<std::int64_t> ParseDateTime(std::string_view text);

/// What the system's clock says: seconds since 1970-01-01T00:00Z.
[[nodiscard]] std::int64_t UnixNow();

/// Why nobody was imaged and no click was made on a day (days since 1970-01-01), a sentence that does not repeat it:
/// before 1900, or after the day that follows `unix_now`, since clocks may differ by a day. Empty where nothing is
/// wrong.
[[nodiscard]] std::string FaultOfDay(std::int64_t day, std::int64_t unix_now);

/// The second that `unix_seconds` names, as RFC 3339 in UTC.
[[nodiscard]] std::string FormatDateTime(std::int64_t unix_seconds);

}  // namespace dinsd
