#include "pipeline/import/lesion_codes.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace dinsd {
namespace {

struct LesionType {
  std::string_view value, scheme;
};

constexpr std::array<LesionType, 16> kLesionTypes = {{
    {"52988006", "SCT"},   // lesion
    {"4147007", "SCT"},    // mass
    {"27925004", "SCT"},   // nodule
    {"108369006", "SCT"},  // neoplasm
    {"372087000", "SCT"},  // neoplasm, primary
    {"86049000", "SCT"},   // the same in earlier editions
    {"14799000", "SCT"},   // neoplasm, secondary
    {"89084002", "SCT"},   // neurofibroma, the morphology
    {"404029005", "SCT"},  // neurofibroma, the disorder
    {"M-01100", "SRT"},    // lesion
    {"M-03000", "SRT"},    // mass
    {"M-03010", "SRT"},    // nodule
    {"M-8FFFF", "SRT"},    // neoplasm
    {"M-80003", "SRT"},    // neoplasm, primary
    {"M-80006", "SRT"},    // neoplasm, secondary
    {"M-95400", "SRT"},    // neurofibroma
}};

}  // namespace

bool IsLesionType(const SegCode& type) {
  return std::any_of(kLesionTypes.begin(), kLesionTypes.end(),
                     [&](const LesionType& known) { return known.value == type.value && known.scheme == type.scheme; });
}

}  // namespace dinsd
