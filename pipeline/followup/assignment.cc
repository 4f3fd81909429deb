#include "pipeline/followup/assignment.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace dinsd {
namespace {

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

// A square problem in which every pair is allowed: forbidden ones cost more than all others together.
class Square {
 public:
  Square(const std::vector<double>& costs, std::size_t rows, std::size_t columns)
      : n_(std::max(rows, columns)), costs_(n_ * n_), row_of_(n_, kNobody), u_(n_), v_(n_) {
    double all = 1;
    for (const double cost : costs) all += std::isinf(cost) ? 0 : cost;
    std::fill(costs_.begin(), costs_.end(), all);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        const double cost = costs[r * columns + c];
        if (!std::isinf(cost)) costs_[r * n_ + c] = cost;
      }
    }
    for (std::size_t r = 0; r < n_; ++r) Place(r);
  }

  [[nodiscard]] std::size_t RowOf(std::size_t column) const { return row_of_[column]; }

 private:
  // Takes one more row in, along the cheapest path that moves others.
  void Place(std::size_t row) {
    std::vector<double> least(n_, kForbidden);
    std::vector<std::size_t> before(n_, kNobody);
    std::vector<bool> is_reached(n_, false);
    std::size_t column = kNobody;
    double distance = 0;
    for (std::size_t at = row; at != kNobody; at = row_of_[column]) {
      const std::size_t from = column;
      for (std::size_t c = 0; c < n_; ++c) {
        const double through = distance + costs_[at * n_ + c] - u_[at] - v_[c];
        if (!is_reached[c] && through < least[c]) {
          least[c] = through;
          before[c] = from;
        }
      }
      column = kNobody;
      for (std::size_t c = 0; c < n_; ++c) {
        if (!is_reached[c] && (column == kNobody || least[c] < least[column])) column = c;
      }
      distance = least[column];
      is_reached[column] = true;
    }
    Reprice(row, least, is_reached, distance);
    for (std::size_t c = column; c != kNobody; c = before[c])
      row_of_[c] = before[c] == kNobody ? row : row_of_[before[c]];
  }

  // Keeps every reduced cost at 0 or above, and at 0 along the pairs.
  void Reprice(std::size_t row, const std::vector<double>& least, const std::vector<bool>& is_reached,
               double distance) {
    for (std::size_t c = 0; c < n_; ++c) {
      if (!is_reached[c] || !(least[c] < distance)) continue;
      v_[c] -= distance - least[c];
      u_[row_of_[c]] += distance - least[c];
    }
    u_[row] += distance;
  }

  std::size_t n_;
  std::vector<double> costs_;
  std::vector<std::size_t> row_of_;  // by column
  std::vector<double> u_, v_;        // prices of rows and columns
};

}  // namespace

std::vector<std::optional<std::size_t>> Assign(const std::vector<double>& costs, std::size_t rows,
                                               std::size_t columns) {
  if (costs.size() != rows * columns) throw std::invalid_argument("Assign: costs are not rows x columns");
  if (std::any_of(costs.begin(), costs.end(), [](double cost) { return std::isnan(cost) || cost < 0; }))
    throw std::invalid_argument("Assign: a cost is negative or no number");
  std::vector<std::optional<std::size_t>> column_of(rows);
  const Square square(costs, rows, columns);
  for (std::size_t c = 0; c < columns; ++c) {
    const std::size_t r = square.RowOf(c);
    if (r < rows && !std::isinf(costs[r * columns + c])) column_of[r] = c;
  }
  return column_of;
}

}  // namespace dinsd
