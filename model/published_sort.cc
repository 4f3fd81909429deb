#include "model/published_sort.h"

#include <numeric>
#include <utility>

namespace dinsd {
namespace {

constexpr std::ptrdiff_t kShort = 16;

class Sorter {
 public:
  Sorter(std::span<const std::int64_t> values, std::vector<std::size_t>& order) : values_(values), order_(order) {}

  // Sorts [first, last], both inside.
  void Sort(std::ptrdiff_t first, std::ptrdiff_t last) {
    while (last - first > kShort) {
      const std::ptrdiff_t middle = Partition(first, last);
      // The smaller side goes on here, the larger one waits; the order of the two sides does not change the result.
      if (middle - first < last - middle) {
        Sort(middle + 1, last);
        last = middle - 1;
      } else {
        Sort(first, middle - 1);
        first = middle + 1;
      }
    }
    InsertionSort(first, last);
  }

 private:
  [[nodiscard]] std::size_t& At(std::ptrdiff_t i) { return order_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] std::int64_t Value(std::ptrdiff_t i) { return values_[At(i)]; }

  void SwapIfSmaller(std::ptrdiff_t a, std::ptrdiff_t b) {
    if (Value(a) < Value(b)) std::swap(At(a), At(b));
  }

  std::ptrdiff_t Partition(std::ptrdiff_t first, std::ptrdiff_t last) {
    const std::ptrdiff_t middle = first + (last - first) / 2;
    SwapIfSmaller(middle, first);
    SwapIfSmaller(last, middle);
    SwapIfSmaller(middle, first);
    const std::int64_t pivot = Value(middle);
    std::swap(At(middle), At(last - 1));
    std::ptrdiff_t low = first;
    std::ptrdiff_t high = last - 1;
    for (;;) {
      do ++low;
      while (Value(low) < pivot);
      do --high;
      while (pivot < Value(high));
      if (low >= high) break;
      std::swap(At(low), At(high));
    }
    std::swap(At(low), At(last - 1));
    return low;
  }

  void InsertionSort(std::ptrdiff_t first, std::ptrdiff_t last) {
    for (std::ptrdiff_t i = first + 1; i <= last; ++i) {
      const std::size_t moving = At(i);
      std::ptrdiff_t gap = i;
      for (; gap > first && values_[moving] < Value(gap - 1); --gap) At(gap) = At(gap - 1);
      At(gap) = moving;
    }
  }

  std::span<const std::int64_t> values_;
  std::vector<std::size_t>& order_;
};

}  // namespace

std::vector<std::size_t> PublishedArgsort(std::span<const std::int64_t> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Sorter(values, order).Sort(0, static_cast<std::ptrdiff_t>(values.size()) - 1);
  return order;
}

}  // namespace dinsd
