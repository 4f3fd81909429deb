#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace dinsd {

/// Cost of a pair that may not be.
inline constexpr double kForbidden = std::numeric_limits<double>::infinity();

/// The pairing of rows with columns that has the most pairs which are allowed, and of those the least sum of costs:
/// for each row its column, or nothing. Costs are finite and not negative, or kForbidden; row-major, `rows` x
/// `columns`. Shortest augmenting paths (Kuhn, Naval Research Logistics Quarterly 2, 1955; Jonker and Volgenant,
/// Computing 38, 1987), in O(n^3). Throws std::invalid_argument.
[[nodiscard]] std::vector<std::optional<std::size_t>> Assign(const std::vector<double>& costs, std::size_t rows,
                                                             std::size_t columns);

}  // namespace dinsd
