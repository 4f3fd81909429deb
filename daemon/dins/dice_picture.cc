#include "daemon/dins/dice_picture.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace dinsd {
namespace {

constexpr double kWidth = 640, kHeight = 360, kLeft = 56, kRight = 20, kTop = 20, kBottom = 48;

double X(double click, double last) {
  return kLeft + click / last * (kWidth - kLeft - kRight);
}
double Y(double dice) {
  return kHeight - kBottom - dice * (kHeight - kTop - kBottom);
}

std::string TextAt(double x, double y, const std::string& words, const char* anchor) {
  std::ostringstream svg;
  svg << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\">" << words << "</text>\n";
  return svg.str();
}

void DrawAxes(std::ostream& svg, std::size_t clicks, double last) {
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double y = Y(tenth / 10.0);
    svg << "<path d=\"M" << kLeft << ' ' << y << " H" << kWidth - kRight << "\" stroke=\"#dddddd\"/>\n"
        << TextAt(kLeft - 8, y + 4, tenth == 10 ? "1.0" : "0." + std::to_string(tenth), "end");
  }
  const std::size_t step = std::max<std::size_t>(1, clicks / 10);
  for (std::size_t n = step; n <= clicks; n += step) {
    svg << TextAt(X(static_cast<double>(n), last), kHeight - kBottom + 18, std::to_string(n), "middle");
  }
  svg << "<path d=\"M" << kLeft << ' ' << kTop << " V" << kHeight - kBottom << " H" << kWidth - kRight
      << "\" fill=\"none\" stroke=\"black\"/>\n"
      << TextAt((kLeft + kWidth - kRight) / 2, kHeight - 10, "clicks", "middle")
      << TextAt(kLeft + 8, kTop + 4, "DSC", "start");
}

}  // namespace

void DrawDice(const std::vector<double>& dice, const std::filesystem::path& svg) {
  const double last = std::max<double>(1, static_cast<double>(dice.size()));
  std::ostringstream picture;
  picture << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << kWidth << ' ' << kHeight
          << "\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  DrawAxes(picture, dice.size(), last);
  std::ostringstream line, dots;
  for (std::size_t n = 0; n < dice.size(); ++n) {
    const double x = X(static_cast<double>(n + 1), last), y = Y(dice[n]);
    line << x << ',' << y << ' ';
    dots << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"3.5\" fill=\"#0072B2\"/>\n";
  }
  picture << "<polyline fill=\"none\" stroke=\"#0072B2\" stroke-width=\"2\" points=\"" << line.str() << "\"/>\n"
          << dots.str() << "</svg>\n";
  std::ofstream out(svg, std::ios::trunc);
  out << picture.str();
  if (!out.flush()) throw std::runtime_error(svg.string() + ": cannot be written");
}

}  // namespace dinsd
