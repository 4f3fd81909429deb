#include "pipeline/evaluate/chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr double kWidth = 780, kHeight = 400, kLeft = 70, kRight = 190, kTop = 24, kBottom = 52;

// Okabe and Ito's colours, without yellow.
constexpr std::array<Markup, 7> kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                            "#E69F00", "#56B4E9", "#000000"};

// Beyond the palette the colours come again, dashed.
Markup DashOf(std::size_t line) {
  return line < kColours.size() ? Markup("") : Markup("stroke-dasharray:5 3;");
}

Markup ColourOfLine(std::size_t line) {
  return kColours.at(line % kColours.size());
}

std::string Pixel(double value) {
  return FixedDigits(value, 2);
}

double Place(double value, const Chart::Axis& axis, double begin, double end) {
  return begin + (value - axis.from) / (axis.to - axis.from) * (end - begin);
}

Chart::Axis Widened(Chart::Axis axis) {
  if (axis.to > axis.from) return axis;
  axis.from -= 1;
  axis.to += 1;
  return axis;
}

std::string TickWords(double value) {
  return ExactDigits(std::round(value * 1e9) / 1e9 + 0.0);
}

Html Words(const std::string& x, const std::string& y, const Markup& anchor, const std::string& words) {
  Html text;
  text << "<text x=\"" << Text{x} << "\" y=\"" << Text{y} << "\" dy=\"4\" style=\"text-anchor:" << anchor << "\">"
       << Text{words} << "</text>\n";
  return text;
}

}  // namespace

std::vector<double> RoundTicks(double from, double to) {
  constexpr double kAbout = 5;
  const double rough = (to - from) / kAbout;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  const auto last = static_cast<long>(std::floor(to / step + 1e-9));
  for (auto k = static_cast<long>(std::ceil(from / step - 1e-9)); k <= last; ++k) {
    ticks.push_back(static_cast<double>(k) * step);
  }
  return ticks;
}

Chart::Chart(Axis x, Axis y) : x_(Widened(std::move(x))), y_(Widened(std::move(y))) {}

std::string Chart::X(double value) const {
  return Pixel(Place(value, x_, kLeft, kWidth - kRight));
}

std::string Chart::Y(double value) const {
  return Pixel(Place(value, y_, kHeight - kBottom, kTop));
}

void Chart::AddLine(const std::string& name, const std::vector<Point>& points) {
  drawn_ << "<polyline style=\"fill:none;stroke-width:2;" << DashOf(lines_) << "stroke:" << ColourOfLine(lines_)
         << "\" points=\"";
  for (const auto& [x, y] : points) drawn_ << Text{X(x) + "," + Y(y) + " "};
  drawn_ << "\"/>\n";
  AddLegend(name);
}

void Chart::AddBars(const std::string& name, const std::vector<Bar>& bars, std::size_t in_group) {
  constexpr double kShare = 0.8;  // of a group's width that its bars take
  const double width = kShare / static_cast<double>(in_group);
  for (std::size_t group = 0; group < bars.size(); ++group) {
    const Bar& bar = bars[group];
    const double left = static_cast<double>(group) + (1 - kShare) / 2 + width * static_cast<double>(lines_ % in_group);
    drawn_ << "<path style=\"stroke:none;fill:" << ColourOfLine(lines_) << "\" d=\"M" << Text{X(left)} << " "
           << Text{Y(y_.from)} << " V" << Text{Y(bar.height)} << " H" << Text{X(left + width * 0.9)} << " V"
           << Text{Y(y_.from)} << " Z\"/>\n<path style=\"stroke:#1b1f24;stroke-width:1.5\" d=\"M"
           << Text{X(left + width * 0.45)} << " " << Text{Y(std::max(y_.from, bar.height - bar.sd))} << " V"
           << Text{Y(std::min(y_.to, bar.height + bar.sd))} << "\"/>\n";
  }
  AddLegend(name);
}

void Chart::AddLegend(const std::string& name) {
  const double y = kTop + 18 * static_cast<double>(lines_) + 6;
  legend_ << "<path style=\"stroke-width:3;" << DashOf(lines_) << "stroke:" << ColourOfLine(lines_) << "\" d=\"M"
          << Text{Pixel(kWidth - kRight + 10)} << " " << Text{Pixel(y)} << " h16\"/>\n"
          << Words(Pixel(kWidth - kRight + 32), Pixel(y), "start", name);
  ++lines_;
}

void Chart::AddDots(const std::vector<Point>& points) {
  for (const auto& [x, y] : points) {
    drawn_ << "<circle r=\"3.5\" style=\"fill:#0072B2;fill-opacity:.7\" cx=\"" << Text{X(x)} << "\" cy=\"" << Text{Y(y)}
           << "\"/>\n";
  }
}

void Chart::AddLevel(double y, const std::string& words) {
  drawn_ << "<path style=\"stroke:#D55E00;stroke-dasharray:6 4\" d=\"M" << Text{Pixel(kLeft)} << " " << Text{Y(y)}
         << " H" << Text{Pixel(kWidth - kRight)} << "\"/>\n"
         << Words(Pixel(kWidth - kRight + 6), Y(y), "start", words);
}

Html Chart::Axes() const {
  Html axes;
  for (const double tick : RoundTicks(y_.from, y_.to)) {
    axes << "<path style=\"stroke:#dddddd\" d=\"M" << Text{Pixel(kLeft)} << " " << Text{Y(tick)} << " H"
         << Text{Pixel(kWidth - kRight)} << "\"/>\n"
         << Words(Pixel(kLeft - 8), Y(tick), "end", TickWords(tick));
  }
  axes << XTicks() << "<path style=\"fill:none;stroke:#1b1f24\" d=\"M" << Text{Pixel(kLeft)} << " " << Text{Pixel(kTop)}
       << " V" << Text{Pixel(kHeight - kBottom)} << " H" << Text{Pixel(kWidth - kRight)} << "\"/>\n"
       << Words(Pixel((kLeft + kWidth - kRight) / 2), Pixel(kHeight - 12), "middle", x_.title)
       << Words(Pixel(kLeft), Pixel(kTop - 10), "start", y_.title);
  return axes;
}

Html Chart::XTicks() const {
  Html ticks;
  const std::string y = Pixel(kHeight - kBottom + 18);
  for (std::size_t i = 0; i < groups_.size(); ++i)
    ticks << Words(X(static_cast<double>(i) + 0.5), y, "middle", groups_[i]);
  for (const double tick : groups_.empty() ? RoundTicks(x_.from, x_.to) : std::vector<double>())
    ticks << Words(X(tick), y, "middle", TickWords(tick));
  return ticks;
}

Html Chart::Svg() const {
  Html svg;
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << Text{Pixel(kWidth)} << " "
      << Text{Pixel(kHeight)} << "\" role=\"img\" style=\"background:#fff;font:13px sans-serif\">\n"
      << "<rect width=\"100%\" height=\"100%\" style=\"fill:#fff\"/>\n"
      << Axes() << drawn_ << legend_ << "</svg>\n";
  return svg;
}

}  // namespace dinsd
