#include "pipeline/longitudinal/change_style.h"

namespace dinsd {

std::string_view ColourOfChange(const std::optional<ChangeClass>& change) {
  if (!change) return "#B8BEC4";
  switch (*change) {
    case ChangeClass::kIncrease:
      return "#D55E00";
    case ChangeClass::kDecrease:
      return "#56B4E9";
    case ChangeClass::kStable:
      return "#FFFFFF";
    case ChangeClass::kUncertain:
      return "#F0E442";
    case ChangeClass::kNew:
      return "#CC79A7";
    case ChangeClass::kNotFound:
      return "#E69F00";
    case ChangeClass::kNotImaged:
    case ChangeClass::kBelowMeasurable:
      break;
  }
  return "#B8BEC4";
}

Markup OutlineOfChange(const std::optional<ChangeClass>& change) {
  const bool is_plain = change && *change != ChangeClass::kUncertain && *change != ChangeClass::kBelowMeasurable;
  return is_plain ? Markup("contour") : Markup("unprompted");
}

Markup ChipOfChange(const std::optional<ChangeClass>& change) {
  if (!change) return "chip none";
  switch (*change) {
    case ChangeClass::kIncrease:
      return "chip increase";
    case ChangeClass::kDecrease:
      return "chip decrease";
    case ChangeClass::kStable:
      return "chip stable";
    case ChangeClass::kUncertain:
      return "chip uncertain";
    case ChangeClass::kNew:
      return "chip new";
    case ChangeClass::kNotFound:
      return "chip gone";
    case ChangeClass::kNotImaged:
      return "chip outside";
    case ChangeClass::kBelowMeasurable:
      return "chip below";
  }
  return "chip none";
}

}  // namespace dinsd
