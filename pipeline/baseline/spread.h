#pragma once

#include <span>

namespace dinsd {

/// Population standard deviation, summed in float64; values must not be empty.
[[nodiscard]] double PopulationDeviation(std::span<const double> values);

}  // namespace dinsd
