#include "model/train/loss_picture.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {
namespace {

constexpr double kWidth = 720, kHeight = 360, kLeft = 50, kRight = 50, kTop = 20, kBottom = 40;
constexpr std::size_t kColumns = 8;  // step, loss, learning rate, DSC after 1, 5, 10 clicks, DSC of lesions,
                                     // validation loss

using Row = std::array<double, kColumns>;

// Empty cells are -1.
std::vector<Row> ReadLog(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path.string() + ": cannot be opened");
  std::vector<Row> rows;
  std::string line;
  std::getline(in, line);  // the names of the columns
  while (std::getline(in, line)) {
    Row row{};
    row.fill(-1);
    std::istringstream cells(line);
    std::string cell;
    for (std::size_t column = 0; column < kColumns && std::getline(cells, cell, ','); ++column) {
      if (!cell.empty()) row[column] = std::strtod(cell.c_str(), nullptr);
    }
    rows.push_back(row);
  }
  if (rows.empty()) throw std::runtime_error(path.string() + ": holds no step");
  return rows;
}

class Plot {
 public:
  Plot(double last_step, double largest_loss) : last_step_(last_step), largest_loss_(largest_loss) {
    svg_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << kWidth << ' ' << kHeight
         << "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  }

  void Curve(const std::vector<Row>& rows, std::size_t column, double largest, const char* colour) {
    svg_ << "<polyline fill=\"none\" stroke=\"" << colour << "\" stroke-width=\"1.5\" points=\"";
    for (const Row& row : rows) {
      if (row[column] >= 0) svg_ << X(row[0]) << ',' << Y(row[column] / largest) << ' ';
    }
    svg_ << "\"/>\n";
  }

  void Text(double x, double y, const std::string& words, const char* colour, const char* anchor) {
    svg_ << "<text x=\"" << x << "\" y=\"" << y << "\" fill=\"" << colour << "\" text-anchor=\"" << anchor << "\">"
         << words << "</text>\n";
  }

  void Axes() {
    svg_ << "<path d=\"M" << kLeft << ' ' << kTop << " V" << kHeight - kBottom << " H" << kWidth - kRight << " V"
         << kTop << "\" fill=\"none\" stroke=\"black\"/>\n";
    for (const double share : {0.0, 0.5, 1.0}) {
      std::ostringstream loss, dice;
      loss << share * largest_loss_;
      dice << share;
      Text(kLeft - 6, Y(share) + 4, loss.str(), "#666666", "end");
      Text(kWidth - kRight + 6, Y(share) + 4, dice.str(), "#0072B2", "start");
      Text(X(share * last_step_), kHeight - kBottom + 16, std::to_string(static_cast<long long>(share * last_step_)),
           "black", "middle");
    }
  }

  [[nodiscard]] std::string Finish() { return svg_.str() + "</svg>\n"; }

 private:
  [[nodiscard]] double X(double step) const { return kLeft + step / last_step_ * (kWidth - kLeft - kRight); }
  [[nodiscard]] static double Y(double share) { return kHeight - kBottom - share * (kHeight - kTop - kBottom); }

  double last_step_;
  double largest_loss_;
  std::ostringstream svg_;
};

}  // namespace

void DrawTraining(const std::filesystem::path& log_csv, const std::filesystem::path& svg) {
  const std::vector<Row> rows = ReadLog(log_csv);
  double largest = 0;
  for (const Row& row : rows) largest = std::max({largest, row[1], row[7]});
  largest = std::max(largest, 1e-6);
  Plot plot(std::max(1.0, rows.back()[0]), largest);
  plot.Axes();
  plot.Curve(rows, 1, largest, "#999999");
  plot.Curve(rows, 7, largest, "black");
  plot.Curve(rows, 3, 1, "#E69F00");
  plot.Curve(rows, 4, 1, "#009E73");
  plot.Curve(rows, 5, 1, "#0072B2");
  plot.Curve(rows, 6, 1, "#CC79A7");
  plot.Text(kWidth / 2, kHeight - 6,
            "steps; loss grey, of validation black (left), DSC after 1 / 5 / 10 clicks orange / green / blue, of "
            "lesions purple (right)",
            "black", "middle");
  std::ofstream out(svg, std::ios::trunc);
  out << plot.Finish();
  if (!out.flush()) throw std::runtime_error(svg.string() + ": cannot be written");
}

}  // namespace dinsd
