#pragma once

#include <string>
#include <vector>

namespace dinsd {

/// Faults on demand, for tests. The environment variable DINSD_FAIL holds `where:what:whom` words with commas between,
/// for example `worker:crash:study07,parent:kill:after_rename`; it is honoured only where `[test] fault_points = true`
/// stands in the configuration, and then the daemon says so in its log.
///
///   reader:crash:STUDY   the reader aborts on this study
///   reader:slow:STUDY    the reader takes six seconds longer
///   worker:crash:STUDY   the worker aborts in the middle of this study
///   worker:wait:STUDY    the worker stays in this study, telling its progress, until it is cancelled
///   worker:hang:STUDY    the worker stops in this study and answers nothing
///   worker:read-back:STUDY  what the worker writes of this study does not read back
///   parent:kill:POINT    the parent kills itself at a point of publishing: before_rename, after_rename, after_done
///   parent:no-staging:STUDY  no staging folder can be made for the first attempt at this study
class FaultPoints {
 public:
  /// Nothing ever fails.
  FaultPoints() = default;

  /// Those of DINSD_FAIL, if `is_enabled`.
  explicit FaultPoints(bool is_enabled);

  /// Whether `where` is to do `what` at `whom`.
  [[nodiscard]] bool Has(const std::string& where, const std::string& what, const std::string& whom) const;

 private:
  std::vector<std::string> words_;
};

}  // namespace dinsd
