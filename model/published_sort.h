#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dinsd {

/// Positions of `values` from the smallest to the largest in the order of the sort that the published code uses:
/// quicksort around the median of three, insertion sort for stretches of up to 17. It is not stable, so among more than
/// that many values it decides which of two equal components is clicked first; clicks can only be reproduced with the
/// same order. (Deep recursions, which the original hands to a heap sort, do not occur with the numbers of components
/// met here.)
[[nodiscard]] std::vector<std::size_t> PublishedArgsort(std::span<const std::int64_t> values);

}  // namespace dinsd
