#include "pipeline/followup/change.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace dinsd {
namespace {

constexpr double kDaysPerMonth = 365.25 / 12;

// Volumes come as voxels times a voxel's volume: what is 20 % by count must not fall below it by rounding.
constexpr double kRounding = 1e-9;

std::string Spans(int slices, int least) {
  return "spans " + std::to_string(slices) + (slices == 1 ? " slice" : " slices") + ", fewer than " +
         std::to_string(least);
}

void TakeFigures(const ChangeInput& input, VolumeChange& result) {
  result.ml = input.now->ml - input.reference->ml;
  if (input.reference->ml > 0) result.percent = 100 * *result.ml / input.reference->ml;
  if (!input.days || !(*input.days > 0)) return;
  const double months = *input.days / kDaysPerMonth;
  result.ml_per_month = *result.ml / months;
  if (result.percent) result.percent_per_month = *result.percent / months;
}

std::string Signed(double percent, const ChangeOptions& options) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%+.*f", PercentDecimals(percent, options), percent);
  return text.data();
}

std::string Bounds(const PercentInterval& interval, const ChangeOptions& options) {
  return "the 95 % interval of the change, " + Signed(interval.low, options) + " to " + Signed(interval.high, options) +
         " %, does not exclude ";
}

std::string NotKnown(const ChangeInput& input) {
  return input.no_interval.empty() ? "the interval of the change is not known" : input.no_interval;
}

bool IsShortOf(double percent, const ChangeOptions& options) {
  return std::abs(percent) < options.percent - kRounding;
}

// Why a measured change of less than the mark may be more; empty where that is excluded.
std::string WhyNotSurelyStable(const ChangeInput& input, const ChangeOptions& options) {
  if (!input.interval) return "measured as stable; how sure is not known: " + NotKnown(input);
  if (IsShortOf(input.interval->low, options) && IsShortOf(input.interval->high, options)) return "";
  std::array<char, 32> mark{};
  (void)std::snprintf(mark.data(), mark.size(), "%g", options.percent);
  return "measured as stable; " + Bounds(*input.interval, options) + "a change of " + mark.data() + " % or more";
}

void Judge(const ChangeInput& input, const ChangeOptions& options, VolumeChange& result) {
  const double percent = result.percent.value_or(0);
  if (IsShortOf(percent, options)) {
    result.change = ChangeClass::kStable;
    result.reason = WhyNotSurelyStable(input, options);
    return;
  }
  result.change = ChangeClass::kUncertain;
  if (!input.interval) {
    result.reason = NotKnown(input);
  } else if (percent > 0 ? input.interval->low <= 0 : input.interval->high >= 0) {
    result.reason = Bounds(*input.interval, options) + "0";
  } else {
    result.change = percent > 0 ? ChangeClass::kIncrease : ChangeClass::kDecrease;
  }
}

// Too thin to be measured, then or now. One that was measurable and shrank below it got smaller, by how much a reader
// must say.
bool IsBelow(const ChangeInput& input, const ChangeOptions& options, VolumeChange& result) {
  const int least = options.measurable_slices;
  if (input.reference->slices_spanned < least) {
    result.reason = "at the reference it " + Spans(input.reference->slices_spanned, least);
  } else if (input.now->slices_spanned < least) {
    result.reason = "it was measurable and now " + Spans(input.now->slices_spanned, least);
  } else {
    return false;
  }
  result.change = ChangeClass::kBelowMeasurable;
  return true;
}

}  // namespace

const char* Word(ChangeClass change) {
  constexpr std::array<const char*, 8> kWords = {"increase", "decrease",  "stable",     "uncertain",
                                                 "new",      "not_found", "not_imaged", "below_measurable"};
  return kWords.at(static_cast<std::size_t>(change));
}

int PercentDecimals(double percent, const ChangeOptions& options) {
  int decimals = 0;
  if (!IsShortOf(percent, options)) return decimals;
  for (double unit = 1; !IsShortOf(std::round(percent * unit) / unit, options); unit *= 10) ++decimals;
  return decimals;
}

VolumeChange ChangeOf(const ChangeInput& input, const ChangeOptions& options) {
  options.Check();
  VolumeChange result;
  if (!input.now) {
    result.change = ChangeClass::kNotImaged;
  } else if (!input.reference || !(input.reference->ml > 0)) {
    result.change = ChangeClass::kNew;
  } else if (!(input.now->ml > 0)) {
    result.change = ChangeClass::kNotFound;
  } else {
    TakeFigures(input, result);
    if (!IsBelow(input, options, result)) Judge(input, options, result);
  }
  return result;
}

}  // namespace dinsd
