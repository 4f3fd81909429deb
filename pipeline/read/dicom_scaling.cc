#include "pipeline/read/dicom_scaling.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <cmath>

namespace dinsd {

void ReadScaling(const DicomValues& values, DicomInstance& instance) {
  const auto refuse = [&](const char* field, const char* why) {
    if (!instance.problem) instance.problem = InputError("UNDECODABLE", instance.file, FieldOf(instance, field), why);
  };
  const auto slope = values.Number(DCM_RescaleSlope, "RescaleSlope");
  const auto intercept = values.Number(DCM_RescaleIntercept, "RescaleIntercept");
  if (values.Has(DCM_RescaleSlope) && (!slope || *slope == 0)) refuse("RescaleSlope", "is 0 or no number");
  if (values.Has(DCM_RescaleIntercept) && !intercept) refuse("RescaleIntercept", "is no number");
  instance.rescale_slope = slope.value_or(1);
  instance.rescale_intercept = intercept.value_or(0);
  constexpr double kLargest = 1e30;  // a product with any stored value is still a float
  if (std::abs(slope.value_or(1)) > kLargest || std::abs(intercept.value_or(0)) > kLargest) {
    refuse("RescaleSlope", "slope or intercept is beyond 1e30");
  }
  if (values.Has(DCM_ModalityLUTSequence)) refuse("ModalityLUTSequence", "a modality lookup table is not applied");
  if (values.Has(kPhilipsScaleSlope)) {
    instance.notes.emplace_back("the private Philips scale slope (2005,100E) is ignored");
  }
}

}  // namespace dinsd
