#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/job_records.h"

namespace dinsd {

/// A result, or one that is on its way, of the same images as another job's.
struct SameImages {
  JobId job{};
  std::int64_t revision = 0;
  bool is_published = true;  // false: a worker has it

  friend bool operator==(const SameImages&, const SameImages&) = default;
};

/// A sentence for each job among `others`, by number, about its newest result; of more than 8 jobs the last 8, and how
/// many more there are. For journals and reports: no path of a study is in them.
[[nodiscard]] std::vector<std::string> InWords(const std::vector<SameImages>& others);

}  // namespace dinsd
