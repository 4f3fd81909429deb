#include "pipeline/write/sr_figures.h"

#include <cmath>

#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/write/dicom_item.h"

namespace dinsd {

const DicomCode& MillilitreUnit() {
  static const DicomCode kMillilitre{"mL", "UCUM", "milliliter"};
  return kMillilitre;
}

const DicomCode& PercentUnit() {
  static const DicomCode kPercent{"%", "UCUM", "percent"};
  return kPercent;
}

DicomCode OwnCode(const std::string& value, const std::string& meaning) {
  return {value, kOwnCodingScheme, meaning};
}

// SNOMED CT has codes for what got larger or smaller; those for what stayed or is new speak of mammograms.
DicomCode CodeOfChange(ChangeClass change) {
  switch (change) {
    case ChangeClass::kIncrease:
      return {"15454001", "SCT", "Increase in size"};
    case ChangeClass::kDecrease:
      return {"19776001", "SCT", "Decrease in size"};
    case ChangeClass::kStable:
      return OwnCode("STABLE", "Stable");
    case ChangeClass::kUncertain:
      return OwnCode("UNCERTAIN", "Uncertain change");
    case ChangeClass::kNew:
      return OwnCode("NEW", "New");
    case ChangeClass::kNotFound:
      return OwnCode("NOT_FOUND", "Not found, though its place is imaged");
    case ChangeClass::kNotImaged:
      return OwnCode("NOT_IMAGED", "Its place is not imaged");
    case ChangeClass::kBelowMeasurable:
      return OwnCode("BELOW_MEASURABLE", "Below measurable size");
  }
  return OwnCode(Word(change), Word(change));
}

void AddFigure(SrComparison& comparison, const DicomCode& what, double value, int decimals, const DicomCode& unit) {
  constexpr std::size_t kLongest = 16;
  if (!std::isfinite(value)) return;
  const std::string digits = FixedDigits(value, decimals);
  comparison.figures.push_back({what, digits.size() > kLongest ? DecimalString(value) : digits, unit});
}

void AddBounds(SrComparison& comparison, const std::string& name, const std::string& of, double level, double low,
               double high, int decimals, const DicomCode& unit) {
  if (!std::isfinite(low) || !std::isfinite(high)) return;
  const std::string percent = std::to_string(std::lround(100 * level));
  const std::string bound = " bound of the " + percent + " % interval of the " + of;
  AddFigure(comparison, OwnCode(name + "LOW" + percent, "Lower" + bound), low, decimals, unit);
  AddFigure(comparison, OwnCode(name + "HIGH" + percent, "Upper" + bound), high, decimals, unit);
}

void AddWord(SrComparison& comparison, const std::string& value, const std::string& meaning, const std::string& text) {
  if (!text.empty()) comparison.evaluations.push_back({OwnCode(value, meaning), std::nullopt, text});
}

}  // namespace dinsd
