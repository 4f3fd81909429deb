#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/dins/dataset.h"

namespace dinsd {

/// A method of segmentation that answers the clicks of a simulated person. Not thread-safe: one per thread.
class InteractiveMethod {
 public:
  virtual ~InteractiveMethod() = default;

  /// How the arrays of a case are turned before this method sees them.
  [[nodiscard]] virtual AxisRule Axes() const = 0;

  /// Of the weights or settings: runs are the same method where it is equal.
  [[nodiscard]] virtual std::string Sha256() const = 0;

  /// DSC on the image grid after each of at most `clicks` clicks, of both signs together; shorter where no error was
  /// left to click. No Dice ends the interaction before.
  [[nodiscard]] virtual std::vector<double> DiceByClick(const LoadedCase& loaded, int clicks) = 0;
};

/// The network with a weights file, whole volume.
[[nodiscard]] std::unique_ptr<InteractiveMethod> MakeDinsMethod(const std::string& weights, const std::string& device);

}  // namespace dinsd
