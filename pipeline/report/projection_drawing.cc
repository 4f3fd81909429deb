#include "pipeline/report/projection_drawing.h"

#include <algorithm>

#include "pipeline/report/figure.h"

namespace dinsd {
namespace {

std::vector<ContourLoop> Contours(const ProjectedRegion& region, std::int64_t columns) {
  std::vector<bool> inside(static_cast<std::size_t>(region.box.Width() * region.box.Height()));
  const auto at = [&](std::int64_t x, std::int64_t y) { return static_cast<std::size_t>(y * region.box.Width() + x); };
  for (const std::size_t pixel : region.pixels) {
    const auto p = static_cast<std::int64_t>(pixel);
    inside[at(p % columns - region.box.x0, p / columns - region.box.y0)] = true;
  }
  return TraceContours(static_cast<int>(region.box.Width()), static_cast<int>(region.box.Height()),
                       [&](int x, int y) { return inside[at(x, y)]; });
}

void DrawRegion(Figure& figure, const ProjectedRegion& region, const SliceView& view, const Markup& style,
                std::string_view colour) {
  if (region.pixels.empty()) return;
  const double sx = view.spacing_mm().x, sy = view.spacing_mm().y;
  figure.AddContours(Contours(region, view.size().x), static_cast<double>(region.box.x0) * sx,
                     static_cast<double>(region.box.y0) * sy, sx, sy, style, colour);
}

struct MarginLabel {
  double x = 0, y = 0;         // mm, where the lesion is
  double left = 0, right = 0;  // its edges
  double text_y = 0;           // mm, where its label is
  const ProjectionMark* mark = nullptr;
};

// Labels of one margin, moved apart so that none covers another, each as near to its lesion as that allows.
void MoveApart(std::vector<MarginLabel>& labels, double height, double gap) {
  std::sort(labels.begin(), labels.end(), [](const MarginLabel& a, const MarginLabel& b) { return a.y < b.y; });
  double lowest = 0.8 * gap;
  for (MarginLabel& label : labels) {
    label.text_y = std::max(label.y, lowest);
    lowest = label.text_y + gap;
  }
  double highest = height - 0.4 * gap;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->text_y = std::min(label->text_y, highest);
    highest = label->text_y - gap;
  }
}

// Where a mark points to; nothing where it is nowhere.
std::optional<MarginLabel> LabelOf(const ProjectionMark& mark, const Projection& projection, const SliceView& view) {
  const double sx = view.spacing_mm().x, sy = view.spacing_mm().y;
  if (mark.label < projection.by_label.size() && !projection.by_label[mark.label].pixels.empty()) {
    const ViewBox& box = projection.by_label[mark.label].box;
    return MarginLabel{static_cast<double>(box.x0 + box.x1) / 2 * sx,
                       static_cast<double>(box.y0 + box.y1) / 2 * sy,
                       static_cast<double>(box.x0) * sx,
                       static_cast<double>(box.x1) * sx,
                       0,
                       &mark};
  }
  if (!mark.at_mm) return std::nullopt;
  const auto [x, y] = *mark.at_mm;
  return MarginLabel{x, y, x, x, 0, &mark};
}

// The labels of both margins; where there are more marks than lines, the heaviest have one.
std::array<std::vector<MarginLabel>, 2> PlaceLabels(const std::vector<ProjectionMark>& marks,
                                                    const Projection& projection, const SliceView& view, double height,
                                                    double gap) {
  std::vector<MarginLabel> by_weight;
  for (const ProjectionMark& mark : marks) {
    const std::optional<MarginLabel> label = LabelOf(mark, projection, view);
    if (label && !mark.text.empty()) by_weight.push_back(*label);
  }
  std::stable_sort(by_weight.begin(), by_weight.end(),
                   [](const MarginLabel& a, const MarginLabel& b) { return a.mark->weight > b.mark->weight; });
  const auto lines = static_cast<std::size_t>(std::max(1.0, (height - gap) / gap));
  std::array<std::vector<MarginLabel>, 2> sides;
  for (const MarginLabel& label : by_weight) {
    const std::size_t near = label.x < static_cast<double>(view.size().x) / 2 * view.spacing_mm().x ? 0 : 1;
    const std::size_t side = sides[near].size() < lines ? near : 1 - near;
    if (sides[side].size() < lines) sides[side].push_back(label);
  }
  for (auto& side : sides) MoveApart(side, height, gap);
  return sides;
}

void DrawLabels(Figure& figure, const std::array<std::vector<MarginLabel>, 2>& sides, double width) {
  const double u = figure.unit_mm();
  for (const std::size_t side : {0U, 1U}) {
    for (const MarginLabel& label : sides[side]) {
      const double margin = side == 0 ? -0.3 * u : width + 0.3 * u;
      figure.AddLine(margin, label.text_y - 0.3 * u, side == 0 ? label.left : label.right, label.y, "leader",
                     label.mark->colour);
      figure.AddText(side == 0 ? margin - 0.2 * u : margin + 0.2 * u, label.text_y, 1,
                     side == 0 ? Markup("end") : Markup("start"), label.mark->colour, label.mark->text);
    }
  }
}

}  // namespace

ProjectionDrawing DrawProjection(const Projection& projection, const SliceView& view,
                                 const std::vector<ProjectionMark>& marks, const std::string& what) {
  const double width = static_cast<double>(view.size().x) * view.spacing_mm().x;
  const double height = static_cast<double>(view.size().y) * view.spacing_mm().y;
  const double unit = std::max(height / 75, width / 48);
  const double side = 8 * unit;  // room for "123 · 45.6 mL"
  Figure figure(width, height, side, unit);
  const Picture grey = GreyPicture(projection, view);
  const auto block = static_cast<double>(BlockSize(view));
  figure.AddPicture(grey, grey.width * block * view.spacing_mm().x, grey.height * block * view.spacing_mm().y);
  DrawRegion(figure, projection.by_label[0], view, "unprompted", "#fff");
  for (const ProjectionMark& mark : marks) {
    if (mark.label < projection.by_label.size())
      DrawRegion(figure, projection.by_label[mark.label], view, mark.style, mark.colour);
    if (mark.at_mm) figure.AddNegativeClick((*mark.at_mm)[0], (*mark.at_mm)[1]);
  }
  const auto sides = PlaceLabels(marks, projection, view, height, 1.15 * unit);
  DrawLabels(figure, sides, width);
  figure.AddEdgeLetters(view.letters());
  figure.AddScaleBar();
  const std::size_t labelled = sides[0].size() + sides[1].size();
  return {figure.Svg(height > width + 2 * side ? Markup("tall") : Markup("wide"),
                     what + " of " + std::to_string(labelled) + " lesions"),
          labelled};
}

}  // namespace dinsd
