#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/report/html.h"

namespace dinsd {

/// A small picture of numbers: axes with ticks, lines, dots, levels. Coordinates are those of the axes.
class Chart {
 public:
  using Point = std::pair<double, double>;  // x, y

  struct Axis {
    std::string title;
    double from = 0;
    double to = 1;
  };

  /// An axis without length is widened by one on either side.
  Chart(Axis x, Axis y);

  /// Lines get the colours of a palette that colour-blind readers can tell apart, in their order; with a legend.
  void AddLine(const std::string& name, const std::vector<Point>& points);
  /// Bars of one method, one per group, beside those of the others: the k-th call of AddBars is the k-th of
  /// `in_group` bars of each group. Group i lies between i and i + 1 on the x axis. A whisker shows the sd. With a
  /// legend.
  struct Bar {
    double height = 0;
    double sd = 0;
  };
  void AddBars(const std::string& name, const std::vector<Bar>& bars, std::size_t in_group);
  /// Words in the middle of each group instead of ticks on the x axis.
  void NameGroups(std::vector<std::string> names) { groups_ = std::move(names); }
  void AddDots(const std::vector<Point>& points);
  /// A dashed horizontal line with words at its right end.
  void AddLevel(double y, const std::string& words);

  /// A whole <svg> element; `page()` of it is also a file. Every string is escaped.
  [[nodiscard]] Html Svg() const;

 private:
  [[nodiscard]] std::string X(double value) const;
  [[nodiscard]] std::string Y(double value) const;
  [[nodiscard]] Html Axes() const;
  [[nodiscard]] Html XTicks() const;
  void AddLegend(const std::string& name);

  Axis x_;
  Axis y_;
  Html drawn_;
  Html legend_;
  std::vector<std::string> groups_;
  std::size_t lines_ = 0;  // and bars
};

/// Ticks at round numbers (1, 2 or 5 times a power of ten) inside [from, to], about five.
[[nodiscard]] std::vector<double> RoundTicks(double from, double to);

}  // namespace dinsd
