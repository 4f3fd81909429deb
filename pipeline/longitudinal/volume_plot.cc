#include "pipeline/longitudinal/volume_plot.h"

#include <algorithm>
#include <cmath>

#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr double kLeft = 52, kRight = 16, kTop = 10, kBottom = 26;
constexpr double kLeastLabelGap = 58;  // between two dates

// The least of 1, 2, 2.5, 5 times a power of ten that is at least `value`.
double RoundUp(double value) {
  if (!(value > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 2.5, 5.0}) {
    if (step * power >= value * (1 - 1e-9)) return step * power;
  }
  return 10 * power;
}

std::string Unit(double value) {
  return FixedDigits(value, 1);
}

class Plot {
 public:
  Plot(const std::vector<PlotPoint>& points, const PlotOptions& options) : points_(points), options_(options) {
    for (const PlotPoint& point : points) {
      last_day_ = std::max(last_day_, point.day);
      most_ = std::max({most_, point.ml.value_or(0), point.high_ml.value_or(0)});
    }
    most_ = std::max(most_, options.band_around.value_or(0) * (1 + options.band_percent / 100));
    most_ = RoundUp(most_ * 1.05);
  }

  [[nodiscard]] Html Draw(const std::string& description) {
    Html svg;
    svg << "<svg class=\"plot\" role=\"img\" aria-label=\"" << Text{description} << "\" viewBox=\"0 0 "
        << Text{Unit(options_.width)} << " " << Text{Unit(options_.height)} << "\"><title>" << Text{description}
        << "</title>";
    Axes();
    Band();
    Line();
    for (const PlotPoint& point : points_) Mark(point);
    svg << content_ << "</svg>";
    return svg;
  }

 private:
  [[nodiscard]] double X(double day) const {
    const double width = options_.width - kLeft - kRight;
    return last_day_ > 0 ? kLeft + 8 + (width - 16) * day / last_day_ : kLeft + width / 2;
  }
  [[nodiscard]] double Y(double ml) const {
    return options_.height - kBottom - (options_.height - kTop - kBottom) * ml / most_;
  }

  void Path(const Markup& style, const std::string& path) {
    content_ << "<path class=\"" << style << "\" d=\"" << Text{path} << "\"/>";
  }
  static std::string From(double x, double y) {
    std::string path = "M";
    return path.append(Unit(x)).append(" ").append(Unit(y));
  }
  static std::string To(double x, double y) {
    std::string path = "L";
    return path.append(Unit(x)).append(" ").append(Unit(y));
  }
  void Words(const Markup& style, double x, double y, const std::string& words) {
    content_ << "<text class=\"" << style << "\" x=\"" << Text{Unit(x)} << "\" y=\"" << Text{Unit(y)} << "\">"
             << Text{words} << "</text>";
  }

  void Axes() {
    for (const double share : {0.0, 0.5, 1.0}) {
      const double y = Y(share * most_);
      Path("grid", From(kLeft, y).append(To(options_.width - kRight, y)));
      Words("end", kLeft - 5, y + 4, share == 0 ? "0 mL" : VolumeDigits(share * most_));
    }
    double last = -kLeastLabelGap;
    for (const PlotPoint& point : points_) {
      const double x = X(point.day);
      Path("grid", From(x, Y(0)).append(To(x, Y(0) + 4)));
      const double inside = std::min(x, options_.width - kRight - 24);
      if (inside - last < kLeastLabelGap) continue;
      Words("middle", inside, options_.height - 8, point.date.substr(0, 7));
      last = inside;
    }
  }

  void Band() {
    if (!options_.band_around) return;
    const double share = options_.band_percent / 100;
    const double top = Y(*options_.band_around * (1 + share)), bottom = Y(*options_.band_around * (1 - share));
    content_ << "<rect class=\"band\" x=\"" << Text{Unit(kLeft)} << "\" y=\"" << Text{Unit(top)} << "\" width=\""
             << Text{Unit(options_.width - kLeft - kRight)} << "\" height=\"" << Text{Unit(bottom - top)} << "\"/>";
  }

  // Broken where a timepoint between has no volume.
  void Line() {
    std::string path;
    bool is_down = false;
    for (const PlotPoint& point : points_) {
      if (!point.is_final) continue;
      if (point.ml) path.append(is_down ? To(X(point.day), Y(*point.ml)) : From(X(point.day), Y(*point.ml)));
      is_down = point.ml.has_value();
    }
    if (!path.empty()) Path("line", path);
  }

  void Mark(const PlotPoint& point) {
    const double x = X(point.day);
    if (!point.ml && point.gap.empty()) return;
    if (!point.ml) {
      Path("cross",
           From(x - 4, Y(0) - 4).append(To(x + 4, Y(0) + 4)).append(From(x - 4, Y(0) + 4)).append(To(x + 4, Y(0) - 4)));
      Words("gap", std::min(x, options_.width - kRight - 24), Y(0) - (is_gap_raised_ ? 21 : 8), point.gap);
      is_gap_raised_ = !is_gap_raised_;  // two beside each other are wider than the way between them
      return;
    }
    if (point.low_ml && point.high_ml) {
      const double low = Y(*point.low_ml), high = Y(*point.high_ml);
      Path("whisker", From(x, low)
                          .append(To(x, high))
                          .append(From(x - 4, low))
                          .append(To(x + 4, low))
                          .append(From(x - 4, high))
                          .append(To(x + 4, high)));
    }
    content_ << "<circle class=\"" << (point.is_final ? Markup("point") : Markup("point hollow")) << "\" r=\"4\" cx=\""
             << Text{Unit(x)} << "\" cy=\"" << Text{Unit(Y(*point.ml))} << "\"/>";
  }

  const std::vector<PlotPoint>& points_;
  const PlotOptions& options_;
  double last_day_ = 0, most_ = 0;
  bool is_gap_raised_ = false;  // the words of the next gap
  Html content_;
};

}  // namespace

Html VolumePlot(const std::vector<PlotPoint>& points, const PlotOptions& options, const std::string& description) {
  return Plot(points, options).Draw(description);
}

}  // namespace dinsd
