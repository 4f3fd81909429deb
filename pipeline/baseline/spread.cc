#include "pipeline/baseline/spread.h"

#include <cmath>

namespace dinsd {

double PopulationDeviation(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double v : values) sum += v;
  const double mean = sum / count;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / count);
}

}  // namespace dinsd
