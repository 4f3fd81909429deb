#include "pipeline/report/figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace dinsd {
namespace {

// A value as an attribute: a tenth of a pixel is enough.
std::string Mm(double value) {
  return FixedDigits(value, 2);
}

float PercentileOf(std::vector<float>& values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

std::uint8_t GreyWindow::Grey(float value) const {
  if (!(value > low)) return 0;  // not a number is black too
  if (value >= high) return 255;
  return static_cast<std::uint8_t>(std::lround(255 * (value - low) / (high - low)));
}

GreyWindow WindowOf(std::span<const float> values) {
  constexpr std::size_t kEnough = 200'000;
  std::vector<float> sample;
  for (std::size_t i = 0; i < values.size(); i += values.size() / kEnough + 1) {
    if (std::isfinite(values[i])) sample.push_back(values[i]);
  }
  if (sample.empty()) return {};
  const double mean = std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
  GreyWindow window;
  window.low = PercentileOf(sample, 0.01);
  std::erase_if(sample, [&](float value) { return value < mean; });
  window.high = sample.empty() ? window.low : PercentileOf(sample, 0.99);
  if (!(window.high > window.low)) window.high = window.low + 1;
  return window;
}

std::string_view ColourOf(std::size_t label) {
  constexpr std::array<std::string_view, 6> kColours = {"#E69F00", "#56B4E9", "#F0E442",
                                                        "#CC79A7", "#009E73", "#D55E00"};
  return kColours[(label + kColours.size() - 1) % kColours.size()];
}

void Figure::AddPicture(const Picture& picture, double width_mm, double height_mm) {
  content_ << "<image width=\"" << Text{Mm(width_mm)} << "\" height=\"" << Text{Mm(height_mm)}
           << "\" preserveAspectRatio=\"none\" href=\"" << Text{PngDataUri(picture)} << "\"/>";
}

void Figure::AddContours(const std::vector<ContourLoop>& loops, double x_mm, double y_mm, double mm_per_column,
                         double mm_per_row, const Markup& style, std::string_view colour) {
  if (loops.empty()) return;
  const std::string path = ContourPath(loops);
  content_ << "<g transform=\"translate(" << Text{Mm(x_mm)} << " " << Text{Mm(y_mm)} << ") scale("
           << Text{FixedDigits(mm_per_column, 6)} << " " << Text{FixedDigits(mm_per_row, 6)}
           << ")\"><path class=\"halo\" d=\"" << Text{path} << "\"/><path class=\"" << style << "\" stroke=\""
           << Text{colour} << "\" d=\"" << Text{path} << "\"/></g>";
}

void Figure::AddLine(double x1_mm, double y1_mm, double x2_mm, double y2_mm, const Markup& style,
                     std::string_view colour) {
  content_ << "<path class=\"" << style << "\" stroke=\"" << Text{colour} << "\" d=\"M" << Text{Mm(x1_mm)} << " "
           << Text{Mm(y1_mm)} << "L" << Text{Mm(x2_mm)} << " " << Text{Mm(y2_mm)} << "\"/>";
}

void Figure::AddText(double x_mm, double y_mm, double size_in_units, const Markup& style, std::string_view colour,
                     std::string_view text) {
  content_ << "<text class=\"" << style << "\" fill=\"" << Text{colour} << "\" font-size=\""
           << Text{Mm(size_in_units * unit_mm_)} << "\" x=\"" << Text{Mm(x_mm)} << "\" y=\"" << Text{Mm(y_mm)} << "\">"
           << Text{text} << "</text>";
}

void Figure::AddPositiveClick(double x_mm, double y_mm, bool is_proposed) {
  for (const bool is_rim : {true, false}) {
    content_ << "<circle class=\""
             << (is_rim        ? Markup("halo")
                 : is_proposed ? Markup("click proposed")
                               : Markup("click"))
             << "\" r=\"" << Text{Mm(0.35 * unit_mm_)} << "\" cx=\"" << Text{Mm(x_mm)} << "\" cy=\"" << Text{Mm(y_mm)}
             << "\"/>";
  }
}

void Figure::AddNegativeClick(double x_mm, double y_mm) {
  const double r = 0.35 * unit_mm_;
  for (const bool is_rim : {true, false}) {
    content_ << "<path class=\"" << (is_rim ? Markup("rim") : Markup("click")) << "\" d=\"M" << Text{Mm(x_mm - r)}
             << " " << Text{Mm(y_mm - r)} << "L" << Text{Mm(x_mm + r)} << " " << Text{Mm(y_mm + r)} << "M"
             << Text{Mm(x_mm - r)} << " " << Text{Mm(y_mm + r)} << "L" << Text{Mm(x_mm + r)} << " "
             << Text{Mm(y_mm - r)} << "\"/>";
  }
}

void Figure::AddEdgeLetters(const EdgeLetters& letters) {
  const double u = unit_mm_, middle = height_mm_ / 2 + 0.35 * u;
  AddText(0.3 * u, middle, 1.1, "letter start", "#fff", letters.left);
  AddText(width_mm_ - 0.3 * u, middle, 1.1, "letter end", "#fff", letters.right);
  AddText(width_mm_ / 2, 1.1 * u, 1.1, "letter middle", "#fff", letters.top);
  AddText(width_mm_ / 2, height_mm_ - 0.4 * u, 1.1, "letter middle", "#fff", letters.bottom);
}

void Figure::AddScaleBar() {
  double length = 1;
  for (const double mm : {2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0}) {
    if (mm <= width_mm_ / 3) length = mm;
  }
  const double x = 0.5 * unit_mm_, y = height_mm_ - 0.6 * unit_mm_;
  AddLine(x, y, x + length, y, "halo", "#000");
  AddLine(x, y, x + length, y, "bar", "#fff");
  AddText(x, y - 0.4 * unit_mm_, 0.8, "letter start", "#fff", FixedDigits(length, 0) + " mm");
}

Html Figure::Svg(const Markup& style, std::string_view description) const {
  Html svg;
  svg << "<svg class=\"" << style << "\" role=\"img\" aria-label=\"" << Text{description} << "\" viewBox=\""
      << Text{Mm(-side_mm_)} << " 0 " << Text{Mm(width_mm_ + 2 * side_mm_)} << " " << Text{Mm(height_mm_)}
      << "\"><title>" << Text{description} << "</title>" << content_ << "</svg>";
  return svg;
}

}  // namespace dinsd
